import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  SubnetType,
  Vpc,
  type IVpc,
  type VpcProps,
} from 'aws-cdk-lib/aws-ec2';
import { ImageTrust, RepositorySelector, type NetworkOptions } from '../../src';
import { newStack } from '../support/synthesise';

const ID = 'cdk-trusted-images:noEndpointOfS3';
const S3 = GatewayVpcEndpointAwsService.S3;
const PRIVATE = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
const ISOLATED = { subnetType: SubnetType.PRIVATE_ISOLATED };

/** The warnings about S3 of a trust in a VPC of this app. */
function warnings(
  props: VpcProps,
  { vpcSubnets, later }: Pick<NetworkOptions, 'vpcSubnets'> & { later?: (vpc: Vpc) => void } = {},
): string[] {
  const stack = newStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, ...props });
  trustIn(vpc, vpcSubnets);
  later?.(vpc);
  return warningsOf(stack);
}

function trustIn(vpc: IVpc, vpcSubnets?: NetworkOptions['vpcSubnets']): ImageTrust {
  const repositories = [RepositorySelector.prefix('team/')];
  return new ImageTrust(vpc.stack, 'Trust', { repositories, network: { vpc, vpcSubnets } });
}

function warningsOf(stack: ReturnType<typeof newStack>): string[] {
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp(ID))
    .map(({ entry }) => entry.data as string);
}

test('a VPC whose only way to S3 is a NAT gateway: the warning names the subnets and what to add', () => {
  const [warning, ...more] = warnings({});
  expect(more).toEqual([]);
  expect(warning).toContain('these subnets of Test/Vpc have no endpoint of S3');
  expect(warning).toContain('Test/Vpc/PrivateSubnet1, Test/Vpc/PrivateSubnet2; ');
  expect(warning).toContain("vpc.addGatewayEndpoint('S3'");
});

test('a VPC without any way to S3', () => {
  const isolated = { natGateways: 0, subnetConfiguration: [{ name: 'Isolated', ...ISOLATED }] };
  expect(warnings(isolated, { vpcSubnets: ISOLATED })).toHaveLength(1);
});

test.each<[string, VpcProps, Parameters<typeof warnings>[1]]>([
  ['with a gateway endpoint of S3', { gatewayEndpoints: { S3: { service: S3 } } }, {}],
  ['that gets it after the trust', {}, { later: vpc => vpc.addGatewayEndpoint('S3', { service: S3 }) }],
  [
    'with an interface endpoint of S3',
    {},
    { later: vpc => vpc.addInterfaceEndpoint('S3', { service: InterfaceVpcEndpointAwsService.S3 }) },
  ],
])('a VPC %s: no warning', (_, props, options) => {
  expect(warnings(props, options)).toEqual([]);
});

test.each<[string, Parameters<typeof warnings>[1]]>([
  [
    'of another service',
    { later: vpc => vpc.addGatewayEndpoint('Db', { service: GatewayVpcEndpointAwsService.DYNAMODB }) },
  ],
  [
    'that other subnets use',
    {
      later: vpc =>
        vpc.addGatewayEndpoint('S3', { service: S3, subnets: [{ subnetType: SubnetType.PUBLIC }] }),
      vpcSubnets: PRIVATE,
    },
  ],
  [
    'of another VPC',
    { later: ({ stack }) => new Vpc(stack, 'Other', { gatewayEndpoints: { S3: { service: S3 } } }) },
  ],
])('an endpoint %s does not help', (_, options) => {
  expect(warnings({}, options)).toHaveLength(1);
});

test('of an imported VPC nothing is known', () => {
  const stack = newStack();
  trustIn(
    Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a'],
      privateSubnetIds: ['subnet-1'],
    }),
  );
  expect(warningsOf(stack)).toEqual([]);
});

import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import { CfnVPC, CfnVPCEndpoint, type ISubnet } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';
import type { NetworkOptions } from '../queues/network';

/**
 * Warns of builds that reach Amazon S3 only through a NAT gateway, or not at all. Amazon ECR sends layers
 * from S3, so each scan of an image would be paid for by the gigabyte. An imported VPC is not judged: what it
 * has is not in the app.
 *
 * @internal
 */
export function warnOfWayToS3(scanner: IConstruct, network: NetworkOptions): void {
  const { vpc, vpcSubnets } = network;
  if (!isMadeHere(vpc)) return;
  warnAtSynthesis(scanner, 'cdk-trusted-images:noEndpointOfS3', () => {
    const { subnets } = vpc.selectSubnets(vpcSubnets);
    const endpoints = scanner.node.root.node.findAll().filter(isEndpointOfS3In(vpc.vpcId));
    const without = subnets.filter(subnet => !endpoints.some(endpoint => serves(endpoint, subnet)));
    if (without.length === 0) return undefined;
    const paths = without.map(({ node }) => node.path).join(', ');
    return `builds pull the layers of images from Amazon S3, and these subnets of ${vpc.node.path} have no endpoint of S3: ${paths}; what goes through a NAT gateway costs by the gigabyte, and without one builds fail. Add one, which costs nothing: vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 })`;
  });
}

function isMadeHere({ node: { defaultChild } }: IConstruct): boolean {
  return (
    CfnResource.isCfnResource(defaultChild) && defaultChild.cfnResourceType === CfnVPC.CFN_RESOURCE_TYPE_NAME
  );
}

function isEndpointOfS3In(vpcId: string): (construct: IConstruct) => construct is CfnVPCEndpoint {
  return (construct): construct is CfnVPCEndpoint => {
    if (!CfnResource.isCfnResource(construct)) return false;
    if (construct.cfnResourceType !== CfnVPCEndpoint.CFN_RESOURCE_TYPE_NAME) return false;
    const endpoint = construct as CfnVPCEndpoint;
    // with the region as a token, the name is an expression
    const service = JSON.stringify(Stack.of(endpoint).resolve(endpoint.serviceName));
    return endpoint.vpcId === vpcId && /\.s3"/.test(service);
  };
}

/** A gateway is a route of some route tables. Through an interface every subnet of the VPC reaches S3. */
function serves(
  { vpcEndpointType = 'Gateway', routeTableIds = [] }: CfnVPCEndpoint,
  subnet: ISubnet,
): boolean {
  if (vpcEndpointType !== 'Gateway') return true;
  // routes that are computed later are not judged
  if (Token.isUnresolved(routeTableIds)) return true;
  return routeTableIds.includes(subnet.routeTable.routeTableId);
}

import { Stack } from 'aws-cdk-lib';
import { Grant, PolicyStatement, ServicePrincipal, type Role } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { doNotCountPulls } from '../access/uncounted-pulls';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import { InlineRole } from '../queues/inline-role';
import type { NetworkOptions } from '../queues/network';
import type { RepositorySelector } from '../repository/repository-selector';

/** The actions by which CodeBuild puts a build into a VPC. No resource can be named for them in advance. */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeDhcpOptions',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
];

export interface ScanRoleProps {
  readonly repositories: RepositorySelector[];
  readonly evidence: EvidenceBucket;
  readonly logGroup: ILogGroup;
  readonly network?: NetworkOptions;
}

/**
 * The role of a build: it may pull, write to `incoming/` and write logs, and nothing else. Trivy reads
 * untrusted images, so an attacker who takes over Trivy has only these rights.
 *
 * @internal
 */
export function scanRole(
  scope: Construct,
  { repositories, evidence, logGroup, network }: ScanRoleProps,
): Role {
  const role = new InlineRole(scope, 'Role', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') });
  doNotCountPulls(role);
  for (const repository of repositories) {
    repository._grant(scope, role, ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']);
  }
  // this action supports no resource
  Grant.addToPrincipal({ grantee: role, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
  Grant.addToPrincipal({
    grantee: role,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resourceArns: [logGroup.logGroupArn],
  });
  evidence.grantUpload(role);
  if (network !== undefined) allowNetwork(role, network.vpc.selectSubnets(network.vpcSubnets).subnetIds);
  return role;
}

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html#customer-managed-policies-example-create-vpc-network-interface */
function allowNetwork(role: Role, subnets: string[]): void {
  const arn = (resource: string, resourceName: string) =>
    Stack.of(role).formatArn({ service: 'ec2', resource, resourceName });
  role.addToPolicy(new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] }));
  role.addToPolicy(
    new PolicyStatement({
      actions: ['ec2:CreateNetworkInterfacePermission'],
      resources: [arn('network-interface', '*')],
      conditions: {
        StringEquals: {
          'ec2:AuthorizedService': 'codebuild.amazonaws.com',
          'ec2:Subnet': subnets.map(subnet => arn('subnet', subnet)),
        },
      },
    }),
  );
}

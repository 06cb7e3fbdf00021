import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { checked, having, optional, required, type Properties } from '../properties/properties';

/**
 * The network of builds and functions, including the functions of `TrustedImage`.
 *
 * Without internet access, mirror the scanner image and both Trivy databases into Amazon ECR, and add
 * endpoints for these services: `ecr.api`, `ecr.dkr`, `s3`, `dynamodb`, `sqs`, `sns`, `events`, `codebuild`,
 * `kms`, `logs`, `lambda`; for deployments also `cloudformation`. A custom resource answers to a bucket of
 * AWS, so an endpoint policy of `s3` must allow `s3:PutObject` to that bucket. The URLs by which people grant
 * and release are reached by the public internet only, also with a VPC: AWS PrivateLink does not serve them.
 */
export interface NetworkOptions {
  /** The VPC. Without one, leave out the network. */
  readonly vpc: IVpc;

  /**
   * The subnets of the VPC.
   *
   * @default - the private subnets of the VPC
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups.
   *
   * @default - a new one for the trust, or for the construct, if you use it without ImageTrust; and one for
   * the gates of each stack
   */
  readonly securityGroups?: ISecurityGroup[];
}

const NETWORK: Properties<NetworkOptions> = {
  vpc: required(having<IVpc>('vpcId', 'selectSubnets'), 'a VPC, for example Vpc.fromLookup()'),
  vpcSubnets: optional(
    having<SubnetSelection>(),
    'a selection of subnets, for example { subnetType: SubnetType.PRIVATE_ISOLATED }',
  ),
  securityGroups: optional([having<ISecurityGroup>('securityGroupId')], 'a list of security groups'),
};

/** As a property of a construct. @internal */
export const IN_NETWORK = optional(
  checked('NetworkOptions', NETWORK),
  'an object with a vpc, for example { vpc }; without a VPC, leave it out',
);

import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { optional, type Properties } from '../properties/properties';

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
  /**
   * The VPC.
   *
   * @default - no VPC
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of the VPC.
   *
   * @default - the private subnets of the VPC
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups.
   *
   * @default - a new one
   */
  readonly securityGroups?: ISecurityGroup[];
}

/** @internal */
export const NETWORK: Properties<NetworkOptions> = {
  vpc: optional(),
  vpcSubnets: optional(),
  securityGroups: optional(),
};

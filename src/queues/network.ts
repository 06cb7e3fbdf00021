import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';

/**
 * The network that builds and functions run in, those of `TrustedImage` too.
 *
 * Without a way out, mirror the scanner image and both Trivy databases into Amazon ECR and add endpoints for
 * the services that are used: `ecr.api`, `ecr.dkr`, `s3`, `dynamodb`, `sqs`, `sns`, `events`, `codebuild`,
 * `kms`, `logs`, `lambda`; for deployments also `cloudformation`. The bucket that a custom resource answers
 * to is not yours, so an endpoint policy of `s3` must let `s3:PutObject` through to it.
 */
export interface NetworkOptions {
  /**
   * The VPC.
   *
   * @default - no VPC
   */
  readonly vpc?: IVpc;

  /**
   * Its subnets.
   *
   * @default - the VPC's private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups.
   *
   * @default - one is made
   */
  readonly securityGroups?: ISecurityGroup[];
}

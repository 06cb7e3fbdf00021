import { App, Stack } from 'aws-cdk-lib';
import { Artifact, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  AlertTopic,
  CloudFormationGate,
  EcsDeploymentGate,
  Enforcement,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
} from '../../../../src';

/** What `TRUST` says of the trust of another app, as a person would copy it from the outputs. */
export interface Attributes {
  readonly registerTableArn: string;
  readonly policiesTableArn: string;
  readonly scanRequestsQueueArn: string;
  readonly grantsTableArn: string;
  readonly grantMessagesQueueArn: string;
  readonly grantMessagesQueueUrl: string;
  readonly evidenceBucketName: string;
  readonly keyArn: string;
}

const { keyArn, ...attributes } = JSON.parse(process.env.TRUST!) as Attributes;
/** The app of a team whose services ask the trust of another app, and read its break-glass grants. */
const stack = new Stack(new App(), 'Gates');
const trust = ImageTrust.fromAttributes(stack, 'Trust', {
  ...attributes,
  schemaVersion: '1',
  signingKeys: [{ keyArn }],
  alertTopic: AlertTopic.text(),
  repositories: [RepositorySelector.prefix('team/')],
});
new CloudFormationGate(stack, 'CloudFormation', { trust, enforcement: Enforcement.refuse() });
new EcsDeploymentGate(stack, 'Ecs', { trust });
const gate = new PipelineGate(stack, 'Pipeline', { trust });
const bucket = Bucket.fromBucketName(stack, 'Sources', 'sources');
new Pipeline(stack, 'Shop', {
  artifactBucket: bucket,
  stages: [
    {
      stageName: 'Source',
      actions: [
        new S3SourceAction({
          actionName: 'Source',
          bucket,
          bucketKey: 'shop.zip',
          output: new Artifact(),
          trigger: S3Trigger.NONE,
        }),
      ],
    },
    { stageName: 'Gate', actions: [gate.action({ actionName: 'Trusted', images: ['#{build.IMAGE}'] })] },
  ],
});

import type { Stack } from 'aws-cdk-lib';
import { Artifact, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { PipelineGate } from '../../../src';

/** A pipeline with an action that asks the gate. The action gives the function its right to answer. */
export function gatedPipeline(stack: Stack, gate: PipelineGate): void {
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
}

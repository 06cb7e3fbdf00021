import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Seconds } from '../core/times';

/**
 * Calls a function when files change that people edit without a deployment: after each event of a bucket that
 * publishes to EventBridge, and on a schedule, since such events may be lost.
 *
 * @param keys in the form of EventBridge: a key, or `{ prefix }`
 * @internal
 */
export function followFiles(
  scope: Construct,
  handler: IFunction,
  buckets: readonly IBucket[],
  keys: readonly (string | { readonly prefix: string })[],
): void {
  const { account, region } = Stack.of(scope);
  new Rule(scope, 'Changed', {
    eventPattern: {
      source: ['aws.s3'],
      account: [account],
      region: [region],
      detailType: ['Object Created', 'Object Deleted'],
      detail: { bucket: { name: buckets.map(({ bucketName }) => bucketName) }, object: { key: keys } },
    },
    schedule: Schedule.cron({ minute: `0/${Duration.seconds(Seconds.filesReadEvery).toMinutes()}` }),
    targets: [new LambdaFunction(handler)],
  });
}

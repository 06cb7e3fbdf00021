import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, PolicyStatement, ServicePrincipal, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import type { AlertFormat, AlertTopics } from '../core/alerts/alert-topics';
import { EnvironmentName } from '../core/environment';

/** A topic that is there, and the format of its alerts. @internal */
export interface BoundTopic {
  readonly format: AlertFormat;
  readonly topic: ITopic;
}

/**
 * A new topic for alerts and alarms.
 *
 * Its id is not `Resource`: a subscription takes its id from it, beside the `Resource` of a function.
 *
 * @internal
 */
export function ownTopic(scope: Construct, id: string): ITopic {
  const topic = new Topic(scope, id, {
    displayName: 'Container images',
    masterKey: (scope.node.tryFindChild('Key') as Key | undefined) ?? topicKey(scope),
    enforceSSL: true,
  });
  allowAlarms(topic);
  return topic;
}

/**
 * A topic with its own policy loses the default policy, which lets the alarms of the account publish. The
 * policy of an imported topic is not changed.
 *
 * @internal
 */
export function allowAlarms(topic: ITopic): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
}

/** CloudWatch cannot use the AWS managed key of SNS, so the topics have their own key. */
function topicKey(scope: Construct): Key {
  const key = new Key(scope, 'Key', {
    description: 'Encrypts alerts about container images',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'], // this key: a key's policy cannot name its own ARN
    }),
  );
  return key;
}

/** The environment of a function that sends alerts. @internal */
export function topicsEnvironment(scope: IConstruct, bound: readonly BoundTopic[]): Record<string, string> {
  return { [EnvironmentName.alertTopics]: topicsDocument(scope, bound) };
}

/** The topics and the format of each. @internal */
export function topicsDocument(scope: IConstruct, bound: readonly BoundTopic[]): string {
  const topics = bound.map(({ topic, format }) => ({ arn: topic.topicArn, format }));
  return Stack.of(scope).toJsonString(topics satisfies AlertTopics);
}

/** What a message to an encrypted topic needs of its key. @internal */
export const ENCRYPT = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** Allows a function to send alerts. @internal */
export function grantSend(bound: readonly BoundTopic[], sender: IGrantable): void {
  if (bound.length === 0) return;
  const resourceArns = bound.map(({ topic }) => topic.topicArn);
  Grant.addToPrincipal({ grantee: sender, actions: ['sns:Publish'], resourceArns });
  const keys = new Set(bound.map(({ topic }) => topic.masterKey));
  keys.forEach(key => key?.grant(sender, ...ENCRYPT));
}

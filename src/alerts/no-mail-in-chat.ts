import { Stack } from 'aws-cdk-lib';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import type { BoundTopic } from './own-topic';

/** What is wrong with e-mail subscriptions to topics for chat: people would get JSON. @internal */
export function mailInChat(alerts: IConstruct, topics: readonly BoundTopic[]): string[] {
  const arnOf = (arn: string) => JSON.stringify(Stack.of(alerts).resolve(arn));
  const chat = new Set(
    topics.filter(({ format }) => format === 'CHAT').map(({ topic }) => arnOf(topic.topicArn)),
  );
  return Stack.of(alerts)
    .node.findAll()
    .filter(each => CfnSubscription.isCfnSubscription(each))
    .filter(({ protocol, topicArn }) => /^email/.test(protocol) && chat.has(arnOf(topicArn)))
    .map(
      ({ node, endpoint }) =>
        `the e-mail subscription ${node.path} (${String(endpoint)}) is to a topic for chat, whose alerts are JSON, allowed: a topic of AlertTopic.text(); name both, and subscribe the e-mail to the one for text`,
    );
}

import { NotFoundException, paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';

/** How many subscriptions a topic has; none where it is gone. SNS gives an ARN to confirmed ones only. */
export async function topicSubscriptions(
  TopicArn: string,
  client: SNSClient,
): Promise<{ confirmed: number; pending: number }> {
  let [confirmed, pending] = [0, 0];
  try {
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
      for (const { SubscriptionArn = '' } of Subscriptions) {
        if (SubscriptionArn.startsWith('arn:')) confirmed += 1;
        else if (SubscriptionArn === 'PendingConfirmation') pending += 1;
      }
    }
  } catch (error) {
    if (!(error instanceof NotFoundException)) throw error;
  }
  return { confirmed, pending };
}

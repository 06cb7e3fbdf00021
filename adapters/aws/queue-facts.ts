import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { COUNTS, messagesIn } from './sqs-queue';
import { parseJson } from '../../src/core/text/json';

export interface QueueFacts {
  readonly url: string;
  readonly arn: string;
  /** About how many messages there are, visible, hidden and delayed. */
  readonly messages: number;
  /** Those that nobody received so far, or whose wait is over. */
  readonly visible: number;
  /** The ARN of its dead-letter queue. */
  readonly deadLetters?: string;
}

/** What SQS says of a queue. */
export async function queueFacts(url: string, client: SQSClient): Promise<QueueFacts> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [...COUNTS, 'QueueArn', 'RedrivePolicy'],
    }),
  );
  const redrive = parseJson(Attributes.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string } | undefined;
  return {
    url,
    arn: Attributes.QueueArn!,
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    messages: messagesIn(Attributes),
    deadLetters: redrive?.deadLetterTargetArn,
  };
}

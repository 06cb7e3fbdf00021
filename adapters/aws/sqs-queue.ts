import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Seconds, AtOnce } from '../../src/core/times';

/** What there is in a queue, in all. */
export const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** About how many messages there are, visible, hidden and delayed, by the attributes of `COUNTS`. */
export function messagesIn(attributes: Readonly<Partial<Record<string, string>>>): number {
  return COUNTS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
}

export class SqsQueue<Message> {
  constructor(
    private readonly url: string,
    private readonly client = new SQSClient({}),
  ) {}

  public async send(message: Message, delaySeconds = 0): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.url,
        MessageBody: JSON.stringify(message),
        DelaySeconds: Math.min(Seconds.longestDelay, Math.ceil(delaySeconds)),
      }),
    );
  }

  /** About how many messages there are, visible, hidden and delayed. */
  public async size(): Promise<number> {
    const { Attributes = {} } = await this.client.send(
      new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: [...COUNTS] }),
    );
    return messagesIn(Attributes);
  }

  /**
   * One call each: an emulator that tells SendMessage and SendMessageBatch apart would ask for a right that
   * AWS does not know.
   */
  public async sendAll(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += AtOnce.messages) {
      await Promise.all(messages.slice(start, start + AtOnce.messages).map(message => this.send(message)));
    }
  }
}

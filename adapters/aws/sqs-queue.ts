import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const PARALLEL = 10;
/** SQS delays a message for 15 minutes at most. */
const MAX_DELAY_SECONDS = 900;

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
        DelaySeconds: Math.min(MAX_DELAY_SECONDS, Math.ceil(delaySeconds)),
      }),
    );
  }

  /**
   * One call each: an emulator that tells SendMessage and SendMessageBatch apart would ask for a right that
   * AWS does not know.
   */
  public async sendAll(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += PARALLEL) {
      await Promise.all(messages.slice(start, start + PARALLEL).map(message => this.send(message)));
    }
  }
}

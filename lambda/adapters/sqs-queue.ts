import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** SQS takes ten messages a call, and delays one for 15 minutes at most. */
const BATCH = 10;
const MAX_DELAY_SECONDS = 900;

export class SqsQueue<Message> {
  constructor(private readonly url: string, private readonly client = new SQSClient({})) {}

  public async send(message: Message, delaySeconds = 0): Promise<void> {
    await this.client.send(new SendMessageCommand({
      QueueUrl: this.url, MessageBody: JSON.stringify(message), DelaySeconds: Math.min(MAX_DELAY_SECONDS, Math.ceil(delaySeconds)),
    }));
  }

  public async sendAll(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += BATCH) {
      const Entries = messages.slice(start, start + BATCH).map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
      const { Failed } = await this.client.send(new SendMessageBatchCommand({ QueueUrl: this.url, Entries }));
      if (Failed !== undefined && Failed.length > 0) throw new Error(`SQS did not take ${Failed.length} of ${Entries.length} messages: ${Failed[0]?.Message ?? Failed[0]?.Code}`);
    }
  }
}

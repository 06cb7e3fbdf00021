import { SendMessageCommand, type ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { AnyQueue } from './cloud';
import type { Message } from './queue';
import { consume, type MessageOutcome } from '../../../adapters/aws/queue-consumer';

const QUEUE = { url: 'https://sqs/queue', deadLetterUrl: 'https://sqs/dead' };

/** The real consumer of a queue of the world: what it asks of SQS, becomes of the message. */
export class Consumer {
  /** For how many seconds the message was put off each time, after an exception and without one. */
  public readonly waits: { readonly seconds: number; readonly failures: number }[] = [];

  constructor(
    private readonly queue: AnyQueue,
    private readonly handle: (body: unknown) => Promise<MessageOutcome>,
  ) {}

  /** The next message that is visible, if there is one. */
  public async deliverOne(): Promise<boolean> {
    const [message] = this.queue.visible();
    if (message === undefined) return false;
    const sqs = { send: async (command: object) => this.obey(command, message) } as unknown as SQSClient;
    const { batchItemFailures } = await consume({ Records: [toRecord(message)] }, QUEUE, this.handle, sqs);
    if (batchItemFailures.length === 0) this.queue.delete(message);
    return true;
  }

  private obey(command: object, message: Message): void {
    if (!(command instanceof SendMessageCommand)) {
      const { VisibilityTimeout: seconds } = (command as ChangeMessageVisibilityCommand).input;
      this.waits.push({ seconds: seconds!, failures: message.failures });
      return this.queue.hide(message, seconds!);
    }
    const { QueueUrl, DelaySeconds = 0, MessageAttributes: { Failures, Why } = {} } = command.input;
    if (QueueUrl === QUEUE.deadLetterUrl) {
      return void this.queue.dead.push({ body: message.body, why: Why!.StringValue! });
    }
    const failures = Number(Failures!.StringValue);
    this.waits.push({ seconds: DelaySeconds, failures });
    this.queue.put(message.body, DelaySeconds, failures);
  }
}

function toRecord({ id, body, failures }: Message): SQSRecord {
  return {
    messageId: String(id),
    body: JSON.stringify(body),
    receiptHandle: String(id),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
    awsRegion: 'us-east-1',
    md5OfBody: '',
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '',
    },
    messageAttributes:
      failures === 0 ? {} : { Failures: { dataType: 'Number', stringValue: String(failures) } },
  };
}

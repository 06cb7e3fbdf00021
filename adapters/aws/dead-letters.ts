import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { queueFacts, type QueueFacts } from './queue-facts';
import type { DeadLetter } from '../../src/core/queues/dead-letter';
import { AtOnce, Seconds } from '../../src/core/times';

/** A dead letter that nobody else receives for a while. */
export interface HeldLetter extends DeadLetter {
  readonly id: string;
  readonly body: string;
  readonly handle: string;
}

/** Queues of a trust, whose dead letters are looked at and brought back. */
export class DeadLetterQueues {
  constructor(private readonly client: SQSClient) {}

  public async facts(url: string): Promise<QueueFacts> {
    return queueFacts(url, this.client);
  }

  /** Some of the dead letters that nobody holds. None are none. */
  public async receive(url: string): Promise<HeldLetter[]> {
    const { Messages = [] } = await this.client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: AtOnce.messages,
        VisibilityTimeout: Seconds.deadLetterHeld,
        WaitTimeSeconds: 1, // asks every server of SQS, not only some
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'],
      }),
    );
    return Messages.map(({ MessageId, Body, ReceiptHandle, Attributes = {}, MessageAttributes = {} }) => ({
      id: MessageId!,
      body: Body!,
      handle: ReceiptHandle!,
      movedFrom: Attributes.DeadLetterQueueSourceArn,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
      ),
    }));
  }

  /** Sent first and deleted afterwards: twice does no harm, and not at all would. */
  public async bringBack({ body, handle }: HeldLetter, from: string, to: string): Promise<void> {
    await this.client.send(new SendMessageCommand({ QueueUrl: to, MessageBody: body }));
    await this.client.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: handle }));
  }

  /** It can be received again at once. */
  public async letGo({ handle }: HeldLetter, url: string): Promise<void> {
    await this.client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: 0 }),
    );
  }
}

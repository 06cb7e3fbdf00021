import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isThrottling } from './passing-error';
import { count, flushMetrics, logger } from './telemetry';
import { MetricName } from '../../src/core/environment';
import { QUEUE_ATTRIBUTE, WHY_ATTRIBUTE } from '../../src/core/queues/dead-letter';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds, Tries } from '../../src/core/times';

/** What became of a message. */
export type MessageOutcome = { readonly log?: LogFields } & (
  | { readonly done: string }
  /** Not now: back to the queue for so long. Does not count as a failure. */
  | { readonly deferSeconds: number; readonly why: string }
  /** Never: to the dead-letter queue, with a reason. */
  | { readonly poison: string }
);

/** What every line about an image says, so that it can be followed through all functions. */
export interface LogFields {
  readonly image?: string;
  readonly scanId?: string;
  readonly cause?: string;
  readonly outcome?: string;
  /** How old the request is. */
  readonly ageSeconds?: number;
}

export interface ConsumedQueue {
  readonly url: string;
  readonly deadLetterUrl: string;
}

const FAILURES = 'Failures';

/** The queue that a batch comes from: it has the same name in its ARN and in its URL. */
export function queueOf(event: SQSEvent, queues: readonly ConsumedQueue[]): ConsumedQueue {
  const arn = event.Records[0]?.eventSourceARN ?? '';
  const queue = queues.find(({ url }) => url.split('/').at(-1) === arn.split(':').at(-1));
  if (queue === undefined) throw new Error(`a batch of ${arn}, which is not a queue of this function`);
  return queue;
}

/** `sentAt`: SQS's own time, which no sender can choose. */
type Handle = (body: unknown, sentAt: Date) => Promise<MessageOutcome>;

class Deferred extends Error {}

/** Handles a batch of SQS messages one by one; one bad message never stalls the others. */
export async function consume(
  event: SQSEvent,
  queue: ConsumedQueue,
  handle: Handle,
  sqs = new SQSClient({}),
): Promise<SQSBatchResponse> {
  const one = (record: SQSRecord) => consumeOne(record, queue, handle, sqs);
  const response = await processPartialResponse(event, one, new BatchProcessor(EventType.SQS), {
    throwOnFullBatchFailure: false,
  });
  flushMetrics();
  return response;
}

async function consumeOne(
  record: SQSRecord,
  queue: ConsumedQueue,
  handle: Handle,
  sqs: SQSClient,
): Promise<void> {
  const sentAt = new Date(Number(record.attributes.SentTimestamp));
  const outcome = await handle(parse(record.body), sentAt).catch((error: unknown) =>
    afterException(record, queue, error, sqs),
  );
  if ('poison' in outcome) return bury(record, queue, outcome.poison, outcome.log, sqs);
  if ('deferSeconds' in outcome) {
    const { deferSeconds, why, log } = outcome;
    logger.info('deferred', { why, seconds: deferSeconds, ...log });
    if (Number(record.attributes.ApproximateReceiveCount) >= Tries.freshAfter) {
      return sendAgain(record, queue, deferSeconds, 0, sqs);
    }
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue.url,
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: Math.min(Seconds.longestHidden, Math.round(deferSeconds)),
      }),
    );
    throw new Deferred(why); // tells Lambda to leave it on the queue
  }
  logger.info(outcome.done, { ...outcome.log });
}

/** Back on the queue as a new message that knows how often it failed, later each time. */
async function afterException(
  record: SQSRecord,
  queue: ConsumedQueue,
  error: unknown,
  sqs: SQSClient,
): Promise<MessageOutcome> {
  if (isThrottling(error)) {
    return { deferSeconds: Seconds.throttled, why: `AWS throttles: ${error.name}`, log: subjectOf(record) };
  }
  const failures = Number(record.messageAttributes[FAILURES]?.stringValue ?? '0') + 1;
  logger.error('failed', {
    failures,
    messageId: record.messageId,
    ...subjectOf(record),
    error: error instanceof Error ? error : new Error(String(error)),
  });
  if (failures >= Tries.poisonAfter) {
    return {
      poison:
        `failed ${failures} times: ${error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'}`.slice(
          0,
          500,
        ),
    };
  }
  await sendAgain(record, queue, Seconds.exceptionRetry * 3 ** failures, failures, sqs);
  return { done: 'sent back after an exception' };
}

/**
 * What a message is about, as far as it says so itself: a line about a failure can be followed like every
 * other.
 */
function subjectOf({ body }: SQSRecord): LogFields {
  const { image, detail } = (parse(body) ?? {}) as {
    image?: unknown;
    detail?: { image?: unknown; scanId?: unknown };
  };
  const named = image ?? detail?.image;
  return {
    ...(typeof named === 'string' && { image: plainText(named, 500) }),
    ...(typeof detail?.scanId === 'string' && { scanId: plainText(detail.scanId, 30) }),
  };
}

async function sendAgain(
  record: SQSRecord,
  queue: ConsumedQueue,
  delaySeconds: number,
  failures: number,
  sqs: SQSClient,
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.url,
      MessageBody: record.body,
      DelaySeconds: Math.min(Seconds.longestDelay, Math.round(delaySeconds)),
      MessageAttributes: { [FAILURES]: { DataType: 'Number', StringValue: String(failures) } },
    }),
  );
}

async function bury(
  record: SQSRecord,
  queue: ConsumedQueue,
  why: string,
  log: LogFields | undefined,
  sqs: SQSClient,
): Promise<void> {
  logger.error('poison message sent to the dead-letter queue', { why, messageId: record.messageId, ...log });
  count(MetricName.poison);
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.deadLetterUrl,
      MessageBody: record.body,
      MessageAttributes: {
        // SQS refuses control characters
        [WHY_ATTRIBUTE]: { DataType: 'String', StringValue: plainText(why, 500) || 'unknown' },
        [QUEUE_ATTRIBUTE]: { DataType: 'String', StringValue: record.eventSourceARN },
      },
    }),
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

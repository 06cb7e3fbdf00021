import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { consume, queueOf, type MessageOutcome } from '../../../adapters/aws/queue-consumer';
import { count, flushMetrics, logger } from '../../../adapters/aws/telemetry';

jest.mock('../../../adapters/aws/telemetry', () => ({
  logger: { info: jest.fn(), error: jest.fn() },
  count: jest.fn(),
  flushMetrics: jest.fn(),
}));

const QUEUE = { url: 'https://sqs/queue', deadLetterUrl: 'https://sqs/dead' };

/** What a dead letter says of the queue that it was in. */
const OF = { DataType: 'String', StringValue: 'arn:aws:sqs:us-east-1:000000000000:queue' };

let calls: (SendMessageCommand | ChangeMessageVisibilityCommand)[];
let refuses: boolean;

const sqs = {
  send: async (command: SendMessageCommand | ChangeMessageVisibilityCommand) => {
    if (refuses) throw new Error('SQS is not there');
    calls.push(command);
  },
} as unknown as SQSClient;

beforeEach(() => {
  calls = [];
  refuses = false;
});

function record(messageId: string, body: string, failures?: number): SQSRecord {
  return {
    messageId,
    body,
    receiptHandle: `handle-${messageId}`,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
    awsRegion: 'us-east-1',
    md5OfBody: '',
    attributes: { ApproximateReceiveCount: '1' } as SQSRecord['attributes'],
    messageAttributes:
      failures === undefined ? {} : { Failures: { dataType: 'Number', stringValue: String(failures) } },
  };
}

function event(...Records: SQSRecord[]): SQSEvent {
  return { Records };
}

function sent(): unknown[] {
  return calls.map(({ input }) => input);
}

/** What a handler of ours does with messages that say what becomes of them. */
async function handle(body: unknown): Promise<MessageOutcome> {
  if (typeof body !== 'object' || body === null) return { poison: 'not a message of ours' };
  if ('throws' in body) throw new Error(String(body.throws));
  return body as MessageOutcome;
}

test('a function of two queues answers to the one that a batch comes from', () => {
  const other = { ...QUEUE, url: 'https://sqs/other' };
  expect(queueOf(event(record('1', '{}')), [other, QUEUE])).toBe(QUEUE);
  expect(() => queueOf(event(record('1', '{}')), [other])).toThrow(
    'a batch of arn:aws:sqs:us-east-1:000000000000:queue, which is not a queue of this function',
  );
});

test('a message that is done is deleted', async () => {
  expect(await consume(event(record('1', '{"done":"yes"}')), QUEUE, handle, sqs)).toEqual({
    batchItemFailures: [],
  });
  expect(sent()).toEqual([]);
});

test.each([
  'ThrottlingException',
  'TooManyRequestsException',
  'SlowDown',
  'ProvisionedThroughputExceededException',
])('rule 4.7, backpressure and dead letters: %s of AWS is a wait and no failure', async name => {
  const busy = async (): Promise<MessageOutcome> => {
    throw Object.assign(new Error('slow down'), { name });
  };
  const response = await consume(event(record('1', '{}', 4)), QUEUE, busy, sqs);
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  expect(sent()).toEqual([expect.objectContaining({ VisibilityTimeout: 90 })]);
});

test('a failure names the image that the message names', async () => {
  await consume(
    event(record('1', '{"throws":"no","image":"000000000000.us-east-1/team/app"}')),
    QUEUE,
    handle,
    sqs,
  );
  expect(logger.error).toHaveBeenCalledWith(
    'failed',
    expect.objectContaining({ image: '000000000000.us-east-1/team/app' }),
  );
});

test('rule 4.7, backpressure and dead letters: a message that waited often goes back as a new one, so that SQS never buries it', async () => {
  const waited = record('1', '{"deferSeconds":60.4,"why":"busy"}');
  const response = await consume(
    event({ ...waited, attributes: { ...waited.attributes, ApproximateReceiveCount: '50' } }),
    QUEUE,
    handle,
    sqs,
  );
  expect(response).toEqual({ batchItemFailures: [] });
  expect(sent()).toEqual([
    expect.objectContaining({ QueueUrl: QUEUE.url, MessageBody: waited.body, DelaySeconds: 60 }),
  ]);
});

test('rule 4.7, backpressure and dead letters: a deferral changes the visibility, keeps the message, and is no failure', async () => {
  const response = await consume(
    event(record('1', '{"deferSeconds":60.4,"why":"busy"}')),
    QUEUE,
    handle,
    sqs,
  );
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  expect(sent()).toEqual([{ QueueUrl: QUEUE.url, ReceiptHandle: 'handle-1', VisibilityTimeout: 60 }]);
  expect(logger.error).not.toHaveBeenCalled();
});

test('rule 4.7, backpressure and dead letters: a message that waited very often goes back as a new one, so that SQS does not bury it for that', async () => {
  const often = {
    ...record('1', '{"deferSeconds":1200,"why":"busy"}', 3),
    attributes: { ApproximateReceiveCount: '50' } as SQSRecord['attributes'],
  };
  expect(await consume(event(often), QUEUE, handle, sqs)).toEqual({ batchItemFailures: [] });
  expect(sent()).toEqual([
    expect.objectContaining({ QueueUrl: QUEUE.url, MessageBody: often.body, DelaySeconds: 900 }),
  ]);
});

test.each(['{', '', '"text"', 'null', '[1', 'not json'])(
  'rule 4.7, backpressure and dead letters: %p goes to the dead-letter queue with one clear line',
  async body => {
    expect(await consume(event(record('1', body)), QUEUE, handle, sqs)).toEqual({ batchItemFailures: [] });
    expect(sent()).toEqual([
      {
        QueueUrl: QUEUE.deadLetterUrl,
        MessageBody: body,
        MessageAttributes: { Why: { DataType: 'String', StringValue: 'not a message of ours' }, Queue: OF },
      },
    ]);
    expect(jest.mocked(logger.error).mock.calls).toEqual([
      ['poison message sent to the dead-letter queue', { why: 'not a message of ours', messageId: '1' }],
    ]);
    expect(count).toHaveBeenCalledWith('PoisonMessages');
    expect(flushMetrics).toHaveBeenCalledTimes(1);
  },
);

test('one bad message does not stall the others of its batch', async () => {
  const response = await consume(
    event(
      record('1', '{'),
      record('2', '{"done":"yes"}'),
      record('3', '{"throws":"no"}'),
      record('4', '{"deferSeconds":5,"why":"wait"}'),
      record('5', '{"done":"yes"}'),
    ),
    QUEUE,
    handle,
    sqs,
  );
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '4' }] });
  expect(calls).toHaveLength(3);
});

test('a batch of which nothing is done now is no error of the function', async () => {
  const response = await consume(event(record('1', '{"deferSeconds":5,"why":"wait"}')), QUEUE, handle, sqs);
  expect(response.batchItemFailures).toHaveLength(1);
});

test.each([
  [undefined, 1, 30],
  [1, 2, 90],
  [2, 3, 270],
  [3, 4, 810],
])(
  'after %p exceptions, one more sends it back with the count %p, %p seconds later',
  async (before, failures, seconds) => {
    const response = await consume(event(record('1', '{"throws":"no"}', before)), QUEUE, handle, sqs);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(sent()).toEqual([
      {
        QueueUrl: QUEUE.url,
        MessageBody: '{"throws":"no"}',
        DelaySeconds: seconds,
        MessageAttributes: { Failures: { DataType: 'Number', StringValue: String(failures) } },
      },
    ]);
  },
);

test('five exceptions are poison', async () => {
  await consume(event(record('1', '{"throws":"no"}', 4)), QUEUE, handle, sqs);
  expect(sent()).toEqual([
    expect.objectContaining({
      QueueUrl: QUEUE.deadLetterUrl,
      MessageAttributes: {
        Why: { DataType: 'String', StringValue: 'failed 5 times: Error: no' },
        Queue: OF,
      },
    }),
  ]);
});

test('a reason that SQS would refuse is made plain, so that the message is buried all the same', async () => {
  await consume(
    event(
      record('1', JSON.stringify({ poison: `bad\u0000\u001b[31m${'x'.repeat(2000)}` })),
      record('2', JSON.stringify({ poison: '\u0000' })),
    ),
    QUEUE,
    handle,
    sqs,
  );
  expect(sent().map(input => (input as any).MessageAttributes.Why.StringValue)).toEqual([
    expect.stringMatching(/^badx{496}…$/),
    'unknown',
  ]);
});

test.each(['{', '{"throws":"no"}', '{"deferSeconds":5,"why":"wait"}'])(
  '%s stays on the queue while SQS takes nothing: no message is lost',
  async body => {
    refuses = true;
    expect(
      await consume(event(record('1', body), record('2', '{"done":"yes"}')), QUEUE, handle, sqs),
    ).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  },
);

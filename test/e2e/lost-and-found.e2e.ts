import { Message } from '@aws-sdk/client-sqs';
import { cloud, emulator } from './cloud';
import { limitBuilds, usualBuilds } from './cloud-fixtures';
import { CommandLine } from './command-line';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import {
  buildsOf,
  documents,
  idle,
  loseEndOfBuildOf,
  makeRepository,
  nameOf,
  noOtherScans,
  push,
  quickstart,
  resource,
  rowOnce,
  verdictOf,
} from './quickstart';
import { cosignSignature } from '../../local/images/artifact';
import { imageName, imageOf } from '../../src/core/image/image';
import type { Redrive } from '../../use-cases/deployed-trust/redrive';

onlyEmulated('events are replayed and lost, and builds are limited, on purpose');

beforeEach(noOtherScans);

/** What the clock does once an hour. */
async function reconcile(): Promise<void> {
  const FunctionName = await resource('AWS::Lambda::Function', 'TrustScannerReconciler');
  const { FunctionError, Payload } = await cloud().lambda.invoke({
    FunctionName,
    Payload: JSON.stringify({ source: 'aws.events' }),
  });
  if (FunctionError !== undefined) throw new Error(Buffer.from(Payload!).toString());
}

/** The event source of a queue. */
async function consumerOf(QueueUrl: string): Promise<{ pause(): Promise<void>; resume(): Promise<void> }> {
  const { lambda, sqs } = cloud();
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { EventSourceMappings = [] } = await lambda.listEventSourceMappings({
    EventSourceArn: Attributes!.QueueArn,
  });
  const { UUID } = EventSourceMappings[0]!;
  const enable = async (Enabled: boolean) => {
    await lambda.updateEventSourceMapping({ UUID, Enabled });
    await eventually('the state of the event source', async () =>
      (await lambda.getEventSourceMapping({ UUID })).State === (Enabled ? 'Enabled' : 'Disabled')
        ? true
        : undefined,
    );
  };
  return { pause: () => enable(false), resume: () => enable(true) };
}

/** As Lambda does when it has no room: the message is received, and is visible again. */
async function receiveInVain(QueueUrl: string, text: string, times: number): Promise<void> {
  await eventually('the receipts', async () => {
    const { Messages = [] } = await cloud().sqs.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const message = Messages.find(({ Body }) => Body!.includes(text));
    return Number(message?.Attributes?.ApproximateReceiveCount) >= times ? true : undefined;
  });
}

interface SentEvent {
  readonly id: string;
  readonly detail: Record<string, unknown>;
}

const serviceEvents = async () =>
  (await emulator().admin('events')) as Record<'sent' | 'lost', readonly SentEvent[]>;

/** Others push the same image. */
async function pushEvent(repository: string, digest: string): Promise<SentEvent> {
  return eventually('the push event', async () =>
    (await serviceEvents()).sent.find(
      ({ detail }) =>
        detail['action-type'] === 'PUSH' &&
        detail['repository-name'] === repository &&
        detail['image-digest'] === digest,
    ),
  );
}

/** The same event once more. It is in the queue when this resolves. */
async function replay({ id }: SentEvent): Promise<void> {
  await emulator().admin('events/replay', { id });
}

test('rules 4.1 and 4.6: the same push ten times starts one scan and ends in one verdict', async () => {
  const repository = await makeRepository();
  const digest = await push(repository, 'fixable-critical');
  const event = await pushEvent(repository, digest);
  await Promise.all(Array.from({ length: 9 }, () => replay(event)));

  const { row } = await verdictOf(repository, digest);
  await replay(event);
  await idle();

  expect(await buildsOf(repository, digest)).toBe(1);
  expect((await rowOnce(repository, digest, () => true)).verdict).toEqual(row!.verdict);
});

test('rule 4.4, failed scans keep the verdict: a build whose end was never heard of is found by its follow-up', async () => {
  const repository = await makeRepository();
  await loseEndOfBuildOf(repository);
  const digest = await push(repository, 'root');
  const { lease } = await rowOnce(repository, digest, row => row.lease?.buildId !== undefined);
  await eventually('the loss of the event', async () =>
    (await serviceEvents()).lost.find(({ detail }) => String(detail['build-id']).endsWith(lease!.buildId!)),
  );
  await idle();
  expect((await rowOnce(repository, digest, () => true)).verdict).toBeUndefined();

  // the follow-up waits in the queue for 15 minutes: the same message, now
  await cloud().sqs.sendMessage({
    QueueUrl: await resultsQueue(),
    MessageBody: JSON.stringify({ version: 1, buildId: lease!.buildId }),
  });

  expect((await verdictOf(repository, digest)).outcome).toBe('FAIL');
  expect(await buildsOf(repository, digest)).toBe(1);
});

/*
 * SQS counts each time that Lambda takes a message from the queue, also when Lambda then has no room to run
 * the function. With a limit of three, as guides give it, a busy account loses messages that no code saw.
 */
test('rule 4.7, backpressure and dead letters: what was received 60 times in vain is kept', async () => {
  const repository = await makeRepository();
  await emulator().admin('events/drop', {
    pattern: { 'detail-type': ['ECR Image Action'], detail: { 'repository-name': [repository] } },
    times: 1,
  });
  const digest = await push(repository, 'clean');
  const dispatcher = await consumerOf(await requestsQueue());
  await dispatcher.pause();
  try {
    const request = { version: 1, image: nameOf(repository, digest), reason: 'request' };
    await cloud().sqs.sendMessage({
      QueueUrl: await requestsQueue(),
      MessageBody: JSON.stringify({ ...request, at: new Date().toISOString() }),
    });
    await receiveInVain(await requestsQueue(), digest, 60);
  } finally {
    await dispatcher.resume();
  }
  expect((await verdictOf(repository, digest)).outcome).toBe('PASS');
});

test('reconcile says so and changes nothing where nothing is lost', async () => {
  const repository = await makeRepository();
  const digest = await push(repository, 'root');
  const { row } = await verdictOf(repository, digest);
  await reconcile();
  await idle();
  expect((await rowOnce(repository, digest, () => true)).verdict).toEqual(row!.verdict);
  expect(await buildsOf(repository, digest)).toBe(1);
});

afterEach(usualBuilds);

test('rule 4.7, backpressure and dead letters: with CodeBuild at its limit messages wait, none is lost and none is buried', async () => {
  const before = await visible(await deadLetters());
  const repositories = await Promise.all(Array.from({ length: 4 }, makeRepository));
  await limitBuilds({ maxConcurrent: 1, maxQueued: 0 });
  const digests = await Promise.all(repositories.map(repository => push(repository, 'root')));
  await eventually('a refusal by CodeBuild', async () =>
    (await visible(await requestsQueue())) > 0 ? true : undefined,
  );
  await usualBuilds();
  // deferred messages sleep for minutes: the same wish, once more, is what the queue would deliver then
  for (const [index, repository] of repositories.entries()) {
    await replay(await pushEvent(repository, digests[index]!));
  }

  for (const [index, repository] of repositories.entries()) {
    expect(
      (await rowOnce(repository, digests[index]!, row => row.verdict !== undefined)).verdict!.outcome,
    ).toBe('FAIL');
  }
  expect(await visible(await deadLetters())).toBe(before);
});

test('signatures never start a scan', async () => {
  const repository = await makeRepository();
  const digest = await push(repository, 'clean');
  await verdictOf(repository, digest);
  const signature = cosignSignature(nameOf(repository, digest).split('@')[0]!, digest);
  const signatureDigest = await push(repository, signature, `${digest.replace(':', '-')}.sig`);
  const otherwise = await push(repository, cosignSignature('other', digest), 'not-a-signature-tag');
  for (const pushed of [signatureDigest, otherwise]) await replay(await pushEvent(repository, pushed));
  await rowOnce(repository, otherwise, ({ kind }) => kind === 'attachment');
  await idle();

  expect(await buildsOf(repository, signatureDigest)).toBe(0);
  expect(await buildsOf(repository, otherwise)).toBe(0);
});

test('a message that names an image of another account or region costs no build and no row', async () => {
  const repository = await makeRepository();
  const digest = `sha256:${'a'.repeat(64)}`;
  const home = imageOf(nameOf(repository, digest));
  const elsewhere = [
    { ...home, account: '999999999999' },
    { ...home, region: 'eu-west-1' },
  ].map(imageName);
  for (const image of elsewhere) {
    await cloud().sqs.sendMessage({
      QueueUrl: await requestsQueue(),
      MessageBody: JSON.stringify({ version: 1, image, reason: 'request', at: new Date().toISOString() }),
    });
    await cloud().sqs.sendMessage({
      QueueUrl: await resultsQueue(),
      MessageBody: JSON.stringify({ version: 1, image }),
    });
  }
  expect((await verdictOf(repository, await push(repository, 'root'))).outcome).toBe('FAIL');
  await idle();

  const { RegisterTableName: TableName } = await quickstart();
  for (const pk of elsewhere) {
    expect((await documents().get({ TableName, Key: { pk }, ConsistentRead: true })).Item).toBeUndefined();
  }
  const started = (await serviceEvents()).sent.filter(({ detail }) =>
    elsewhere.some(image => JSON.stringify(detail).includes(image)),
  );
  expect(started).toEqual([]);
});

test('a malformed message goes to the dead-letter queue with its reason, and nothing else stalls', async () => {
  const malformed = `not json: ${uniqueName('message')}`;
  await cloud().sqs.sendMessage({ QueueUrl: await requestsQueue(), MessageBody: malformed });
  const repository = await makeRepository();
  expect((await verdictOf(repository, await push(repository, 'root'))).outcome).toBe('FAIL');

  const { MessageAttributes } = await takeDeadLetter(malformed);
  expect(MessageAttributes?.Why?.StringValue).toContain(
    'neither an event of ECR about a new image nor a scan request',
  );
  expect(MessageAttributes?.Queue?.StringValue).toMatch(/:Quickstart-TrustScannerRequests/);
});

describe('cdk-trusted-images redrive', () => {
  const line = new CommandLine();
  afterAll(() => line.close());
  const redrive = async (...options: string[]) => {
    const { code, out, err } = await line.run(['redrive', '--json', ...options]);
    return { code, err, ...(JSON.parse(out) as Redrive) };
  };
  const arnOf = async (QueueUrl: string) => {
    const { Attributes } = await cloud().sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] });
    return Attributes!.QueueArn!;
  };
  const askFor = (image: string) =>
    JSON.stringify({ version: 1, image, reason: 'request', at: new Date().toISOString() });
  /** Its push is not heard of. */
  const lostPush = async (): Promise<[repository: string, digest: string]> => {
    const repository = await makeRepository();
    await emulator().admin('events/drop', {
      pattern: { 'detail-type': ['ECR Image Action'], detail: { 'repository-name': [repository] } },
      times: 1,
    });
    return [repository, await push(repository, 'clean')];
  };

  test('what SQS moved goes back to the queue that SQS names, and the image gets its verdict', async () => {
    const [repository, digest] = await lostPush();
    const requests = await requestsQueue();
    const dispatcher = await consumerOf(requests);
    await dispatcher.pause();
    try {
      const MessageBody = askFor(nameOf(repository, digest));
      await cloud().sqs.sendMessage({ QueueUrl: requests, MessageBody });
      // more often than a message may be received: then it is moved
      await eventually('the move', async () => {
        await cloud().sqs.receiveMessage({
          QueueUrl: requests,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 0,
        });
        return (await visible(await deadLetters())) > 0 ? true : undefined;
      });
    } finally {
      await dispatcher.resume();
    }
    const seen = await redrive('--dry-run');
    expect(seen.letters).toContainEqual(
      expect.objectContaining({
        queue: expect.stringMatching(/^TrustScannerRequests[0-9A-F]{8}$/),
        why: 'it came back too often: its function crashes on it, or cannot run',
      }),
    );
    expect(await visible(await deadLetters())).toBe(seen.letters.length);

    await redrive();
    expect((await verdictOf(repository, digest)).outcome).toBe('PASS');
  });

  test('what a function gave up goes back to its queue, and what names no queue stays and is named', async () => {
    const [repository, digest] = await lostPush();
    const QueueUrl = await deadLetters();
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    const Queue = attribute(await arnOf(await requestsQueue()));
    await cloud().sqs.sendMessage({
      QueueUrl,
      MessageBody: askFor(nameOf(repository, digest)),
      MessageAttributes: { Queue, Why: attribute('failed 5 times: Error: ECR is not there') },
    });
    const nameless = uniqueName('nameless');
    const { MessageId } = await cloud().sqs.sendMessage({ QueueUrl, MessageBody: nameless });

    const { code, letters } = await redrive();
    expect(code).toBe(1);
    expect(letters).toContainEqual(
      expect.objectContaining({ state: 'back', why: 'failed 5 times: Error: ECR is not there' }),
    );
    expect(letters).toContainEqual(
      expect.objectContaining({ messageId: MessageId, stays: 'it does not say which queue it is of' }),
    );
    expect((await verdictOf(repository, digest)).outcome).toBe('PASS');
    expect((await takeDeadLetter(nameless)).MessageId).toBe(MessageId);
  });
});

/** Other files may have dead letters of their own there. */
async function takeDeadLetter(text: string): Promise<Message> {
  const QueueUrl = await deadLetters();
  return eventually('the dead letter', async () => {
    const { Messages = [] } = await cloud().sqs.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
      MessageAttributeNames: ['All'],
    });
    const found = Messages.find(({ Body }) => Body === text);
    if (found !== undefined) {
      await cloud().sqs.deleteMessage({ QueueUrl, ReceiptHandle: found.ReceiptHandle });
    }
    return found;
  });
}

const requestsQueue = () => resource('AWS::SQS::Queue', 'TrustScannerRequests');
const resultsQueue = () => resource('AWS::SQS::Queue', 'TrustScannerResults');
const deadLetters = () => resource('AWS::SQS::Queue', 'TrustFailuresDeadLetters');

async function visible(QueueUrl: string): Promise<number> {
  const { Attributes } = await cloud().sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
  return (
    Number(Attributes!.ApproximateNumberOfMessages) +
    Number(Attributes!.ApproximateNumberOfMessagesNotVisible)
  );
}

import { imageName, imageOf, type ImageName } from '../../../src/core/image/image';
import { notify, type NotifyContext } from '../../../use-cases/alerts/notify';
import type { AlertTopic } from '../../../use-cases/alerts/publish-alert';
import { LENIENT, STANDARD, World } from '../world';
import { storedImage } from '../world/zoo';

let world: World;
let image: ImageName;
let messages: Parameters<AlertTopic['publish']>[0][];
let sent: Set<string>;
let told: number;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
  messages = [];
  sent = new Set();
  told = 0;
});

function context(format: 'TEXT' | 'CHAT' = 'TEXT'): NotifyContext {
  return {
    now: world.now,
    register: world.register,
    topics: [
      {
        arn: 'arn:aws:sns:us-east-1:000000000000:alerts',
        format,
        publish: async message => {
          messages.push(message);
        },
      },
    ],
    once: async (key, send) => {
      if (sent.has(key)) return;
      await send();
      sent.add(key);
    },
  };
}

/** Every event of the bus, each twice, since EventBridge and SQS deliver at least once. */
async function subjects(): Promise<string[]> {
  for (const event of [...world.bus.slice(told), ...world.bus]) await notify(event, context());
  told = world.bus.length;
  return messages.map(({ subject }) => subject.replace(/:.*/, ''));
}

async function scan(finds: Parameters<World['finds']>[1]): Promise<void> {
  world.finds(image, finds);
  world.pass(25);
  world.ask(image, 'request');
  await world.settle();
}

test('one message a change: none for a first PASS, none for a renewal that says the same', async () => {
  world.push(image, 'v1');
  await world.settle();
  expect(await subjects()).toEqual([]);
  await scan('clean');
  expect(await subjects()).toEqual([]);
  await scan('fixable-critical');
  expect(await subjects()).toEqual(['FAIL']);
  await scan('fixable-critical');
  expect(await subjects()).toEqual(['FAIL']);
  await scan('clean');
  expect(await subjects()).toEqual(['FAIL', 'PASS']);
});

test('old images of a newly enrolled repository are recorded without a message each; a later change causes one', async () => {
  image = world.has('fixable-critical');
  world.pass(25); // pushed before anybody listened
  await world.reconcile();
  expect(world.outcome(image)).toBe('FAIL');
  expect(await subjects()).toEqual([]);

  await scan('clean');
  expect(await subjects()).toEqual(['PASS']);
});

test('a first FAIL is told, with what to do, and attributes to filter by', async () => {
  image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  await subjects();

  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatchObject({
    subject: expect.stringMatching(/^FAIL: team\/fixable-critical:v1@sha256/),
    body: expect.stringMatching(/To fix:\n- upgrade /),
    attributes: { outcome: 'FAIL', repository: 'team/fixable-critical', account: '000000000000' },
  });
});

test('for chat, it is a custom notification', async () => {
  image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  for (const event of world.bus) await notify(event, context('CHAT'));
  expect(JSON.parse(messages[0]!.body)).toMatchObject({
    version: '1.0',
    source: 'custom',
    content: { textType: 'client-markdown' },
  });
});

test('rule 4.1, messages are hints: a verdict that the register no longer has is old news', async () => {
  world.push(image, 'v1');
  await world.settle();
  await scan('fixable-critical');
  await scan('clean');
  expect(await subjects()).toEqual(['PASS']);
});

describe('a push for more platforms than one is one message (rule 4.8, indexes)', () => {
  const platforms = ['linux-amd64', 'linux-arm64'];

  beforeEach(() => {
    image = world.has('clean-and-vulnerable', platforms);
  });

  test('of the index, which names the platform', async () => {
    world.push(image, 'v1');
    await world.settle();
    await subjects();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      subject: expect.stringMatching(/^FAIL: team\/clean-and-vulnerable:v1@/),
      body: expect.stringContaining('[linux/a'),
    });
  });

  test('and one of its images, where that has a tag of its own', async () => {
    const child = imageName({
      ...imageOf(image),
      digest: storedImage('clean-and-vulnerable.linux-arm64').digest,
    });
    const other = imageName({
      ...imageOf(image),
      digest: storedImage('clean-and-vulnerable.linux-amd64').digest,
    });
    for (const each of [child, other]) world.push(each, 'alone');
    world.push(image, 'v1');
    await world.settle();
    expect(await subjects()).toEqual(['FAIL', 'FAIL']);
  });

  test('also where one of its images cannot be judged', async () => {
    for (const platform of platforms) {
      world.finds(
        imageName({ ...imageOf(image), digest: storedImage(`clean-and-vulnerable.${platform}`).digest }),
        { report: {} },
      );
    }
    world.push(image, 'v1');
    await world.settle();
    expect(new Set(await subjects())).toEqual(new Set(['ERROR CHILD_WITHOUT_VERDICT']));
  });
});

describe('an ERROR', () => {
  test('is told only when no retry is due', async () => {
    world.finds(image, { unread: { cause: 'REGISTRY_UNAVAILABLE', detail: 'connection refused' } });
    world.push(image, 'v1');
    for (const minutes of [3, 10, 15]) {
      await world.settle({ minutes });
      expect(await subjects()).toEqual([]);
    }
    await world.settle();
    expect(await subjects()).toEqual(['ERROR REGISTRY_UNAVAILABLE']);
    expect(messages[0]!.body).toMatch(/not trusted[\s\S]*failed scans in a row: 4/);
  });

  test('that a later retry made good is not told any more', async () => {
    world.finds(image, { unread: { cause: 'REGISTRY_DENIED', detail: '403 Forbidden' } });
    world.push(image, 'v1');
    await world.settle();
    await scan('clean');
    expect(await subjects()).toEqual([]);
  });

  test('that repeats itself each hour while the same verdict stands is told once', async () => {
    world.push(image, 'v1');
    await world.settle();
    world.finds(image, { exitCode: 124, errors: '' });
    for (let hour = 0; hour < 60; hour++) {
      world.pass(1);
      await world.reconcile();
      await subjects();
    }
    expect(world.failures(image).length).toBeGreaterThan(20);
    expect(await subjects()).toEqual(['ERROR SCAN_TIMED_OUT']);

    await scan('clean');
    await scan({ exitCode: 124, errors: '' });
    for (let hour = 0; hour < 30; hour++) {
      world.pass(1);
      await world.reconcile();
    }
    expect(await subjects()).toEqual(['ERROR SCAN_TIMED_OUT', 'ERROR SCAN_TIMED_OUT']);
  });

  test('of a forged build is told although it is on no record', async () => {
    world.push(image, 'v1');
    await world.settle();
    const build = world.builds.add({ scanId: '01JDGZFFFFFFFFFFFFFFFFFFFF', image, reference: 'other' });
    await world.settle();
    world.results.put({ version: 1, buildId: build.id });
    await world.settle();
    expect(world.failures(image).length).toBeGreaterThan(1);
    expect(await subjects()).toEqual(['ERROR PROVENANCE']);
  });
});

test('a message that SNS did not take is sent when the event comes again', async () => {
  image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  const [event] = world.bus;
  await expect(
    notify(event!, {
      ...context(),
      topics: [
        {
          arn: 'arn:aws:sns:us-east-1:000000000000:alerts',
          format: 'TEXT',
          publish: async () => {
            throw new Error('throttled');
          },
        },
      ],
    }),
  ).rejects.toThrow('throttled');
  expect(await subjects()).toEqual(['FAIL']);
});

test('a topic that takes the message gets it once, also while another one does not', async () => {
  image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  const taken: string[] = [];
  let isThrottled = true;
  const topicFor = (name: string, format: 'TEXT' | 'CHAT') => ({
    arn: `arn:aws:sns:us-east-1:000000000000:${name}`,
    format,
    publish: async ({ body }: { readonly body: string }) => {
      if (name === 'mail' && isThrottled) throw new Error('throttled');
      taken.push(`${name}: ${body.startsWith('{') ? 'JSON' : 'text'}`);
    },
  });
  const topics = [topicFor('mail', 'TEXT'), topicFor('chat', 'CHAT')];
  const tell = () => notify(world.bus[0]!, { ...context(), topics });
  await expect(tell()).rejects.toThrow('throttled');
  isThrottled = false;
  await tell();
  await tell();
  expect(taken).toEqual(['chat: JSON', 'mail: text']);
});

test('a policy that is loosened and tightened again is two changes', async () => {
  image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  await subjects();
  for (const policy of [LENIENT, STANDARD]) {
    world.publish(policy);
    world.pass(1);
    await world.reconcile();
    await subjects();
  }
  expect(messages.map(({ subject }) => subject.slice(0, 4))).toEqual(['FAIL', 'PASS', 'FAIL']);
});

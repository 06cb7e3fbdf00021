import { expiringEvent, rejectedEvent, unusedEvent } from '../../../src/core/events/waiver-events';
import { notifyOfWaivers, type NotifyContext } from '../../../use-cases/alerts/notify';
import type { AlertTopic } from '../../../use-cases/alerts/publish-alert';
import { waiver } from '../../core/waivers/made';

const MORNING = new Date('2026-11-25T06:00:00.000Z');
const BROKEN = rejectedEvent('s3://bucket/waivers.yaml', [
  { file: 'waivers.yaml', line: 3, column: 5, message: 'owner is missing' },
]);

let messages: Parameters<AlertTopic['publish']>[0][];
let sent: Set<string>;

beforeEach(() => {
  messages = [];
  sent = new Set();
});

function context(format: 'TEXT' | 'CHAT' = 'TEXT'): Omit<NotifyContext, 'register' | 'now'> {
  return {
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

const later = (minutes: number) => new Date(MORNING.getTime() + minutes * 60_000);

test('a file that is broken for two days, and looked at every quarter of an hour, is told once a day', async () => {
  for (let minutes = 0; minutes < 2 * 24 * 60; minutes += 15) {
    await notifyOfWaivers(BROKEN, context(), later(minutes));
  }
  expect(messages).toHaveLength(3); // on the 25th, the 26th and the 27th
});

test('another mistake in it is another message', async () => {
  await notifyOfWaivers(BROKEN, context(), MORNING);
  await notifyOfWaivers(
    rejectedEvent('s3://bucket/waivers.yaml', [
      { file: 'waivers.yaml', line: 4, column: 5, message: 'owner is missing' },
    ]),
    context(),
    later(5),
  );
  expect(messages).toHaveLength(2);
});

test('each waiver that ends is told, once, however often the event comes; two of the same in different places are two', async () => {
  const ends = [
    waiver({ expires: '2026-11-26' }),
    waiver({ expires: '2026-11-26', repositories: ['other/*'] }),
  ];
  for (const each of [...ends, ...ends]) {
    await notifyOfWaivers(expiringEvent(each, MORNING), context(), MORNING);
  }
  expect(messages.map(({ subject }) => subject)).toEqual([
    'waiver expires in 1 day: CVE-2024-1',
    'waiver expires in 1 day: CVE-2024-1',
  ]);
  expect(messages.map(({ body }) => /where: (.*)/.exec(body)![1])).toEqual(['team/*', 'other/*']);
});

test('nobody is woken by waivers that cover nothing', async () => {
  expect(await notifyOfWaivers(unusedEvent([waiver()]), context(), MORNING)).toBe('no action is needed');
  expect(messages).toEqual([]);
});

test('subscriptions can filter them by an attribute; for chat, it is a custom notification', async () => {
  await notifyOfWaivers(BROKEN, context('CHAT'), MORNING);
  expect(messages).toMatchObject([{ attributes: { outcome: 'WAIVERS' } }]);
  expect(JSON.parse(messages[0]!.body)).toMatchObject({ version: '1.0', source: 'custom' });
});

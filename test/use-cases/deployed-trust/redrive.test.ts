import type { HeldLetter } from '../../../adapters/aws/dead-letters';
import { exitCodeOfRedrive, redriveLines } from '../../../cli/stack/redrive';
import { redrive } from '../../../use-cases/deployed-trust/redrive';

const arn = (name: string) => `arn:aws:sqs:eu-west-1:111122223333:${name}`;

/** Queues as SQS has them: a message that is received is hidden until it is let go. */
class Queues {
  public readonly sent: [to: string, body: string][] = [];
  public readonly hidden = new Set<string>();
  private readonly letters = new Map<string, HeldLetter[]>();
  /** Fails at once what is sent to this queue. */
  public failing?: string;
  public denied?: string;

  public readonly ports = {
    facts: async (url: string) => {
      const name = url.slice('https://'.length);
      const dead = this.deadLettersOf[name];
      const messages = this.in(name).length;
      return { url, arn: arn(name), messages, visible: messages, deadLetters: dead && arn(dead) };
    },
    receive: async (url: string) => {
      const name = url.slice('https://'.length);
      if (name === this.denied) throw Object.assign(new Error('no'), { name: 'AccessDenied' });
      const some = (this.letters.get(name) ?? []).filter(({ id }) => !this.hidden.has(id)).slice(0, 2);
      for (const { id } of some) this.hidden.add(id);
      return some;
    },
    bringBack: async ({ id, body, attributes }: HeldLetter, from: string, to: string) => {
      const name = from.slice('https://'.length);
      this.sent.push([to, body]);
      this.letters.set(
        name,
        this.letters.get(name)!.filter(each => each.id !== id),
      );
      if (to === this.failing) this.put(name, `${id} again`, { body, attributes });
    },
    letGo: async ({ id }: HeldLetter) => void this.hidden.delete(id),
  };

  constructor(private readonly deadLettersOf: Readonly<Record<string, string | undefined>>) {}

  public put(queue: string, id: string, changes: Partial<HeldLetter>): void {
    const made = { id, body: `body of ${id}`, handle: `handle of ${id}`, attributes: {}, ...changes };
    this.letters.set(queue, [...(this.letters.get(queue) ?? []), made]);
  }

  public in(queue: string): string[] {
    return (this.letters.get(queue) ?? []).map(({ id }) => id);
  }

  public get named() {
    return Object.keys(this.deadLettersOf).map(name => ({ name, url: `https://${name}` }));
  }
}

const WET = { isDry: false };
let queues: Queues;
beforeEach(() => {
  queues = new Queues({
    dead: undefined,
    requests: 'dead',
    verdicts: 'dead',
    alone: 'aloneDead',
    aloneDead: undefined,
  });
});

test('each dead letter goes back to the queue that it is of', async () => {
  for (const each of ['1', '2', '3']) queues.put('dead', each, { movedFrom: arn('requests') });
  queues.put('dead', '4', { attributes: { Queue: arn('verdicts'), Why: 'no' } });
  queues.put('aloneDead', '5', { attributes: { TARGET_ARN: arn('alone'), RULE_ARN: 'r', ERROR_CODE: 'C' } });
  const done = await redrive(queues.named, queues.ports, WET);
  expect(queues.sent).toEqual([
    ['https://requests', 'body of 1'],
    ['https://requests', 'body of 2'],
    ['https://requests', 'body of 3'],
    ['https://verdicts', 'body of 4'],
    ['https://alone', 'body of 5'],
  ]);
  expect([queues.in('dead'), queues.in('aloneDead')]).toEqual([[], []]);
  expect(redriveLines(done, false)).toEqual([
    'WENT BACK  QUEUE     WHY',
    '3          requests  it came back too often: its function crashes on it, or cannot run',
    '1          verdicts  no',
    '1          alone     EventBridge could not deliver it: C',
  ]);
  expect(exitCodeOfRedrive(done)).toBe(0);
});

test('what does not say where it belongs stays, can be received at once, and is named', async () => {
  for (const each of ['1', '2', '3']) queues.put('dead', each, { attributes: { Why: 'a reason\n' } });
  const done = await redrive(queues.named, queues.ports, WET);
  expect([queues.sent, queues.in('dead'), queues.hidden.size]).toEqual([[], ['1', '2', '3'], 0]);
  expect(redriveLines(done, false)[0]).toMatch(
    /^stays: 1, because it does not say which queue it is of \(a reason/,
  );
  expect(exitCodeOfRedrive(done)).toBe(1);
});

test('what fails again at once does not go round and round', async () => {
  queues.failing = 'https://requests';
  queues.put('dead', '1', { attributes: { Queue: arn('requests') } });
  const { letters } = await redrive(queues.named, queues.ports, WET);
  expect(queues.sent).toHaveLength(1);
  expect(letters).toMatchObject([
    { messageId: '1', state: 'back' },
    { messageId: '1 again', state: 'stays', stays: 'the same message was brought back just now' },
  ]);
});

test('a dry run moves nothing, and hides nothing', async () => {
  for (const each of ['1', '2', '3']) queues.put('dead', each, { movedFrom: arn('requests') });
  const done = await redrive(queues.named, queues.ports, { isDry: true });
  expect([queues.sent, queues.in('dead'), queues.hidden.size]).toEqual([[], ['1', '2', '3'], 0]);
  expect(redriveLines(done, true)[0]).toMatch(/^WOULD GO BACK/);
});

test('a queue that nobody may read is named, and hides no other', async () => {
  queues.denied = 'dead';
  queues.put('dead', '1', { movedFrom: arn('requests') });
  queues.put('aloneDead', '2', { movedFrom: arn('alone') });
  const done = await redrive(queues.named, queues.ports, WET);
  expect(done).toMatchObject({ letters: [{ queue: 'alone' }], unread: [{ queue: 'dead', error: 'no' }] });
  expect(exitCodeOfRedrive(done)).toBe(2);
  expect(redriveLines(done, false)).toContain('not read: dead (no)');
});

test('what is hidden is let go when the redrive breaks off', async () => {
  for (const each of ['1', '2']) queues.put('dead', each, { movedFrom: arn('requests') });
  queues.ports.bringBack = async () => Promise.reject(new Error('SQS is not there'));
  await expect(redrive(queues.named, queues.ports, WET)).rejects.toThrow('SQS is not there');
  expect(queues.hidden.size).toBe(0);
});

test('without dead letters nothing is read', async () => {
  queues.denied = 'dead';
  expect(await redrive(queues.named, queues.ports, WET)).toEqual({ letters: [], unread: [] });
});

import { createHash } from 'node:crypto';
import { publishWaivers, remindOfWaivers, type PublishContext, type RemindContext, type UsedWaivers, type WaiverPointer } from '../../../lambda/policy/publish-waivers';
import type { WaiverEvent } from '../../../src/core/policy/waiver-events';
import { parseWaivers } from '../../../src/core/policy/waivers/document';
import { WAIVER_KEY_CHARACTERS } from '../../../src/core/verdict';

const NOW = new Date('2026-11-25T06:00:00.000Z');
const LIMIT = 1024 * 1024;

/** The bucket, the evidence, the pointer and the bus, each as small as it can be. */
class Fakes implements PublishContext, RemindContext {
  public now = NOW;
  public readonly maxLifeDays = 90;
  public content: Uint8Array | undefined;
  public inForce: WaiverPointer & { readonly versionId?: string } | undefined;
  public readonly objects = new Map<string, string>();
  public readonly sent: WaiverEvent[] = [];
  public sweeps = 0;
  public usedNow: UsedWaivers = { keys: new Set() };

  public readonly file = {
    location: 's3://waivers/waivers.yaml',
    name: 'waivers.yaml',
    read: async (maxBytes: number) => {
      await this.meanwhile();
      if (this.content === undefined) return undefined;
      const { length: size } = this.content;
      return { size, versionId: createHash('md5').update(this.content).digest('hex'), ...(size <= maxBytes && { bytes: this.content }) };
    },
  };
  public readonly evidence = {
    read: async (key: string) => this.objects.has(key) ? Buffer.from(this.objects.get(key)!) : undefined,
    writeOnce: async (key: string, body: string) => {
      await this.meanwhile();
      const isNew = !this.objects.has(key);
      if (isNew) this.objects.set(key, body);
      return isNew;
    },
  };
  public readonly pointer = {
    current: async () => {
      await this.meanwhile();
      return this.inForce;
    },
    replace: async (seen: WaiverPointer | undefined, sha256: string, versionId?: string) => {
      await this.meanwhile();
      if (seen?.revision !== this.inForce?.revision) return undefined;
      this.inForce = { revision: (seen?.revision ?? 0) + 1, sha256, versionId };
      return this.inForce.revision;
    },
  };
  public readonly events = { publish: async (event: WaiverEvent) => { this.sent.push(event); } };
  /** What somebody else does before each of our steps. */
  public meanwhile = async (): Promise<void> => undefined;
  public readonly sweep = async () => { this.sweeps += 1; };
  public readonly used = async () => this.usedNow;

  /** Somebody puts the file there. */
  public write(...ids: readonly string[]): void {
    this.content = Buffer.from(yaml(ids.map(id => ({ id }))));
  }

  /** The ids that are waived. */
  public get waived(): string[] {
    const document = this.objects.get(`policies/waivers/${this.inForce?.sha256}.json`);
    const waivers = parseWaivers(document ?? '');
    if (!waivers.ok) throw new Error(waivers.error.join('; '));
    return waivers.value.map(({ id }) => id!).sort();
  }
}

function yaml(waivers: readonly { readonly id: string; readonly expires?: string }[]): string {
  const entries = waivers.map(({ id, expires = '2026-12-31' }) => `  - {id: ${id}, repositories: [team/*], owner: alice@example.com, reason: not reachable from any input, expires: ${expires}}`);
  return ['version: 1', waivers.length === 0 ? 'waivers: []' : 'waivers:', ...entries, ''].join('\n');
}

let world: Fakes;

beforeEach(() => { world = new Fakes(); });

describe('the file', () => {
  test('was never there: nothing is in force, and nothing is written', async () => {
    expect(await publishWaivers(world)).toEqual({ done: 'no waivers were ever accepted' });
    expect(world).toMatchObject({ inForce: undefined, sweeps: 0, sent: [], objects: new Map() });
  });

  test('is there for the first time: it is in force, its version is on record, and every image is judged again', async () => {
    world.write('CVE-1', 'CVE-2');
    expect(await publishWaivers(world)).toEqual({ done: '2 waivers, revision 1' });
    expect(world).toMatchObject({ inForce: { revision: 1, versionId: expect.any(String) }, sweeps: 1, waived: ['CVE-1', 'CVE-2'] });
  });

  test.each<[string, () => void]>([
    ['is the same', () => undefined],
    ['says the same in another order', () => world.write('CVE-2', 'CVE-1')],
    ['says the same with a comment and a byte order mark', () => { world.content = Buffer.from(`\ufeff# assessed\n${yaml([{ id: 'CVE-1' }, { id: 'CVE-2' }])}`); }],
  ])('%s: nothing is judged again', async (_, change) => {
    world.write('CVE-1', 'CVE-2');
    await publishWaivers(world);
    change();
    expect(await publishWaivers(world)).toEqual({ done: '2 waivers, revision 1, as before' });
    expect(world).toMatchObject({ inForce: { revision: 1 }, sweeps: 1 });
  });

  test('was changed: the next revision', async () => {
    world.write('CVE-1');
    await publishWaivers(world);
    world.write('CVE-2');
    await publishWaivers(world);
    expect(world).toMatchObject({ inForce: { revision: 2 }, sweeps: 2, waived: ['CVE-2'] });
  });

  test('is as it was once: no revision is ever used twice', async () => {
    for (const id of ['CVE-1', 'CVE-2', 'CVE-1']) {
      world.write(id);
      await publishWaivers(world);
    }
    expect(world).toMatchObject({ inForce: { revision: 3 }, waived: ['CVE-1'] });
  });

  test('was deleted: nobody is waived any more', async () => {
    world.write('CVE-1');
    await publishWaivers(world);
    world.content = undefined;
    expect(await publishWaivers(world)).toEqual({ done: '0 waivers, revision 2' });
    expect(world).toMatchObject({ sweeps: 2, waived: [] });
    expect(await publishWaivers(world)).toEqual({ done: '0 waivers, revision 2, as before' });
  });

  test('holds one that lapsed: it is published like any other, since that it lapsed is worth telling', async () => {
    world.content = Buffer.from(yaml([{ id: 'CVE-1', expires: '2026-11-01' }]));
    await publishWaivers(world);
    expect(world.waived).toEqual(['CVE-1']);
  });
});

describe('a file that cannot be read', () => {
  const BROKEN: [string, Uint8Array, RegExp][] = [
    ['is no YAML', Buffer.from('version: 1\nwaivers: [\n'), /^waivers\.yaml:\d+:\d+: not YAML/],
    ['is empty', Buffer.from(''), /^waivers\.yaml:1:1: the document is/],
    ['has a waiver too wide', Buffer.from(yaml([{ id: 'CVE-1' }, { id: 'CVE-*' }])), /^waivers\.yaml:4:6: id is "CVE-\*", allowed/],
    ['has a waiver too long', Buffer.from(yaml([{ id: 'CVE-1', expires: '2027-12-31' }])), /^waivers\.yaml:3:\d+: expires is "2027-12-31", allowed: a day until 2027-02-23/],
    ['is not UTF-8', Buffer.from(`${yaml([{ id: 'CVE-1' }])}# Zo\xeb\n`, 'latin1'), /^waivers\.yaml:4:5: the file is not UTF-8/],
    ['is too large', Buffer.alloc(LIMIT + 1, '#'), /^waivers\.yaml:1:1: the file has 1048577 bytes, allowed: 1048576/],
  ];

  test.each(BROKEN)('since it %s is told with its line, and what was in force stays', async (_, content, problem) => {
    world.write('CVE-1');
    await publishWaivers(world);
    world.content = content;
    expect(await publishWaivers(world)).toEqual({ rejected: true, done: expect.stringMatching(/^not published: waivers\.yaml:/) });
    expect(world).toMatchObject({ inForce: { revision: 1 }, sweeps: 1, waived: ['CVE-1'] });
    expect(world.sent).toMatchObject([{ detailType: 'Waivers Rejected', detail: { location: 's3://waivers/waivers.yaml', problems: { 0: expect.stringMatching(problem) } } }]);
  });

  test('for the first time: nobody is waived', async () => {
    world.content = Buffer.from('waivers:');
    expect(await publishWaivers(world)).toMatchObject({ rejected: true });
    expect(world).toMatchObject({ inForce: undefined, sweeps: 0 });
  });

  test('is told at each look, with the same words; once it is mended, it counts', async () => {
    world.content = Buffer.from('waivers:');
    await publishWaivers(world);
    await publishWaivers(world);
    expect(world.sent[1]).toEqual(world.sent[0]);
    world.write('CVE-1');
    await publishWaivers(world);
    expect(world).toMatchObject({ sent: { length: 2 }, waived: ['CVE-1'] });
  });
});

describe('two that run at once', () => {
  /** The other one puts a newer file there, and has it in force before our step of this number. */
  const overtakenAt = (step: number, change: () => void) => {
    let steps = 0;
    world.meanwhile = async () => {
      if (steps++ !== step) return;
      world.meanwhile = async () => undefined;
      change();
      await publishWaivers(world);
    };
  };
  const steps = [0, 1, 2, 3];

  test.each(steps.flatMap(step => [[step, []], [step, ['CVE-0']]] as const))('overtaken at step %i, with %j in force, an older file never replaces a newer one', async (step, before) => {
    if (before.length > 0) {
      world.write(...before);
      await publishWaivers(world);
    }
    world.write('CVE-1');
    overtakenAt(step, () => world.write('CVE-2'));
    expect(await publishWaivers(world)).toMatchObject({ done: expect.stringContaining('as before') });
    expect(world).toMatchObject({ waived: ['CVE-2'], inForce: { revision: before.length + 1 }, sweeps: before.length + 1 });
  });

  test.each(steps)('overtaken at step %i, it puts nothing in force that was taken back', async step => {
    world.write('CVE-0');
    await publishWaivers(world);
    world.write('CVE-1');
    overtakenAt(step, () => world.write());
    await publishWaivers(world);
    expect(world).toMatchObject({ waived: [], inForce: { revision: 2 }, sweeps: 2 });
  });

  test.each(steps.slice(0, 3))('one that was mended in between is not told of any more: overtaken at step %i', async step => {
    world.content = Buffer.from('waivers:');
    overtakenAt(step, () => world.write('CVE-1'));
    await publishWaivers(world);
    if (step < 2) expect(world).toMatchObject({ waived: ['CVE-1'], sent: [] });
    else expect(world.sent).toHaveLength(1); // it had read it already: its message was right then
  });

  test('and find the same are one revision', async () => {
    world.write('CVE-1');
    overtakenAt(3, () => undefined);
    await publishWaivers(world);
    expect(world).toMatchObject({ inForce: { revision: 1 }, sweeps: 1 });
  });

  test('give up when it goes on for ever, and the function comes back to it', async () => {
    let others = 0;
    world.write('CVE-1');
    world.meanwhile = async () => { world.inForce = { revision: ++others, sha256: 'another' }; };
    await expect(publishWaivers(world)).rejects.toThrow(/published by somebody else 5 times/);
    expect(world.sweeps).toBe(0);
  });
});

test('a sweep that fails is an error of the function, and no revision is used again', async () => {
  world.write('CVE-1');
  await expect(publishWaivers({ ...world, sweep: async () => { throw new Error('throttled'); } })).rejects.toThrow('throttled');
  expect(await publishWaivers(world)).toEqual({ done: '1 waivers, revision 1, as before' }); // the hourly reconciliation compares revisions, and finds all
});

describe('people are reminded', () => {
  const publish = async (...waivers: Parameters<typeof yaml>[0]) => {
    world.content = Buffer.from(yaml(waivers));
    await publishWaivers(world);
  };
  const told = () => world.sent.map(({ detailType, detail }) => [detailType, 'daysLeft' in detail ? detail.daysLeft : 'count' in detail ? detail.count : undefined]);
  const keys = () => {
    const waivers = parseWaivers(world.objects.get(`policies/waivers/${world.inForce!.sha256}.json`)!);
    return waivers.ok ? waivers.value.map(({ key }) => key.slice(0, WAIVER_KEY_CHARACTERS)) : [];
  };

  test('of nothing, where nothing was accepted', async () => {
    expect(await remindOfWaivers(world)).toBe('0 waivers, 0 end soon, 0 cover nothing');
    expect(world.sent).toEqual([]);
  });

  test('14, 7 and 1 days before the end, and on no other day', async () => {
    await publish({ id: 'CVE-1', expires: '2026-12-25' });
    world.usedNow = { keys: new Set(keys()) };
    for (let day = 0; day < 35; day++) {
      world.now = new Date(NOW.getTime() + day * 86_400_000);
      await remindOfWaivers(world);
    }
    expect(told()).toEqual([['Waiver Expiring', 14], ['Waiver Expiring', 7], ['Waiver Expiring', 1]]);
  });

  test('of those that cover nothing in any image, in one event', async () => {
    await publish({ id: 'CVE-1' }, { id: 'CVE-2' }, { id: 'CVE-3' });
    world.usedNow = { keys: new Set(keys().slice(0, 1)) };
    expect(await remindOfWaivers(world)).toBe('3 waivers, 0 end soon, 2 cover nothing');
    expect(told()).toEqual([['Waivers Unused', 2]]);
  });

  test('of none that an image may need that has no room for all of its', async () => {
    await publish({ id: 'CVE-1' }, { id: 'CVE-2' }, { id: 'CVE-3' });
    const [first, second] = keys() as [string, string];
    world.usedNow = { keys: new Set([second]), unknownFrom: second };
    await remindOfWaivers(world);
    expect(world.sent).toMatchObject([{ detail: { count: 1, waivers: [{ key: expect.stringMatching(first) }] } }]);
  });

  test('of what is in force, also while the file cannot be read', async () => {
    await publish({ id: 'CVE-1', expires: '2026-11-26' });
    world.content = Buffer.from('waivers:');
    await publishWaivers(world);
    await remindOfWaivers(world);
    expect(told()).toEqual([['Waivers Rejected', undefined], ['Waiver Expiring', 1], ['Waivers Unused', 1]]);
  });

  test.each([['gone', undefined, /is not in the evidence bucket/], ['not what it was', '[]', /cannot be read/]])('not where what is in force is %s: the function fails, and its alarm says so', async (_, text, error) => {
    await publish({ id: 'CVE-1' });
    world.objects.clear();
    if (text !== undefined) world.objects.set(`policies/waivers/${world.inForce!.sha256}.json`, text);
    await expect(remindOfWaivers(world)).rejects.toThrow(error);
  });
});

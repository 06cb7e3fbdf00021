import { Fakes, yaml } from './waiver-world';
import { publishWaivers } from '../../../use-cases/waivers/publish-waivers';

const LIMIT = 1024 * 1024;

let world: Fakes;

beforeEach(() => {
  world = new Fakes();
});

describe('the file', () => {
  test('was never there: nothing is active, and nothing is written', async () => {
    expect(await publishWaivers(world)).toEqual({ done: 'no waivers were ever accepted' });
    expect(world).toMatchObject({ active: undefined, sweeps: 0, sent: [], objects: new Map() });
  });

  test('rule 4.9, re-evaluation: is there for the first time: it is active, its version is on record, and every image is judged again', async () => {
    world.write('CVE-1', 'CVE-2');
    expect(await publishWaivers(world)).toEqual({ done: '2 waivers, revision 1' });
    expect(world).toMatchObject({
      active: { revision: 1, versionId: expect.any(String) },
      sweeps: 1,
      waived: ['CVE-1', 'CVE-2'],
    });
  });

  test.each<[string, () => void]>([
    ['is the same', () => undefined],
    ['says the same in another order', () => world.write('CVE-2', 'CVE-1')],
    [
      'says the same with a comment and a byte order mark',
      () => {
        world.content = Buffer.from(`\ufeff# assessed\n${yaml([{ id: 'CVE-1' }, { id: 'CVE-2' }])}`);
      },
    ],
  ])('%s: nothing is judged again', async (_, change) => {
    world.write('CVE-1', 'CVE-2');
    await publishWaivers(world);
    change();
    expect(await publishWaivers(world)).toEqual({ done: '2 waivers, revision 1, as before' });
    expect(world).toMatchObject({ active: { revision: 1 }, sweeps: 1 });
  });

  test('was changed: the next revision', async () => {
    world.write('CVE-1');
    await publishWaivers(world);
    world.write('CVE-2');
    await publishWaivers(world);
    expect(world).toMatchObject({ active: { revision: 2 }, sweeps: 2, waived: ['CVE-2'] });
  });

  test('is as it was once: no revision is ever used twice', async () => {
    for (const id of ['CVE-1', 'CVE-2', 'CVE-1']) {
      world.write(id);
      await publishWaivers(world);
    }
    expect(world).toMatchObject({ active: { revision: 3 }, waived: ['CVE-1'] });
  });

  test('was deleted: nobody is waived any more', async () => {
    world.write('CVE-1');
    await publishWaivers(world);
    world.content = undefined;
    expect(await publishWaivers(world)).toEqual({ done: '0 waivers, revision 2' });
    expect(world).toMatchObject({ sweeps: 2, waived: [] });
    expect(await publishWaivers(world)).toEqual({ done: '0 waivers, revision 2, as before' });
  });

  test('holds one that expired: it is published like any other, since that it expired is worth telling', async () => {
    world.content = Buffer.from(yaml([{ id: 'CVE-1', expires: '2026-11-01' }]));
    await publishWaivers(world);
    expect(world.waived).toEqual(['CVE-1']);
  });
});

describe('a file that cannot be read', () => {
  const BROKEN: [string, Uint8Array, RegExp][] = [
    ['is no YAML', Buffer.from('version: 1\nwaivers: [\n'), /^waivers\.yaml:\d+:\d+: not YAML/],
    ['is empty', Buffer.from(''), /^waivers\.yaml:1:1: the document is/],
    [
      'has a waiver too wide',
      Buffer.from(yaml([{ id: 'CVE-1' }, { id: 'CVE-*' }])),
      /^waivers\.yaml:4:6: id is "CVE-\*", allowed/,
    ],
    [
      'has a waiver too long',
      Buffer.from(yaml([{ id: 'CVE-1', expires: '2027-12-31' }])),
      /^waivers\.yaml:3:\d+: expires is "2027-12-31", allowed: a day until 2027-02-23/,
    ],
    [
      'is not UTF-8',
      Buffer.from(`${yaml([{ id: 'CVE-1' }])}# Zo\xeb\n`, 'latin1'),
      /^waivers\.yaml:4:5: the file is not UTF-8/,
    ],
    [
      'is too large',
      Buffer.alloc(LIMIT + 1, '#'),
      /^waivers\.yaml:1:1: the file has 1048577 bytes, allowed: 1048576/,
    ],
  ];

  test.each(BROKEN)(
    'since it %s is told with its line, and what was active stays',
    async (_, content, problem) => {
      world.write('CVE-1');
      await publishWaivers(world);
      world.content = content;
      expect(await publishWaivers(world)).toEqual({
        rejected: true,
        done: expect.stringMatching(/^not published: waivers\.yaml:/),
      });
      expect(world).toMatchObject({ active: { revision: 1 }, sweeps: 1, waived: ['CVE-1'] });
      expect(world.sent).toMatchObject([
        {
          detailType: 'Waivers Rejected',
          detail: { location: 's3://waivers/waivers.yaml', problems: { 0: expect.stringMatching(problem) } },
        },
      ]);
    },
  );

  test('for the first time: nobody is waived', async () => {
    world.content = Buffer.from('waivers:');
    expect(await publishWaivers(world)).toMatchObject({ rejected: true });
    expect(world).toMatchObject({ active: undefined, sweeps: 0 });
  });

  test('is told at each look, with the same words; once it is fixed, it counts', async () => {
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
  /** The other one puts a newer file there, and has it active before our step of this number. */
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

  test.each(
    steps.flatMap(
      step =>
        [
          [step, []],
          [step, ['CVE-0']],
        ] as const,
    ),
  )(
    'overtaken at step %i, with %j active, an older file never replaces a newer one',
    async (step, before) => {
      if (before.length > 0) {
        world.write(...before);
        await publishWaivers(world);
      }
      world.write('CVE-1');
      overtakenAt(step, () => world.write('CVE-2'));
      expect(await publishWaivers(world)).toMatchObject({ done: expect.stringContaining('as before') });
      expect(world).toMatchObject({
        waived: ['CVE-2'],
        active: { revision: before.length + 1 },
        sweeps: before.length + 1,
      });
    },
  );

  test.each(steps)('overtaken at step %i, it puts nothing active that was taken back', async step => {
    world.write('CVE-0');
    await publishWaivers(world);
    world.write('CVE-1');
    overtakenAt(step, () => world.write());
    await publishWaivers(world);
    expect(world).toMatchObject({ waived: [], active: { revision: 2 }, sweeps: 2 });
  });

  test.each(steps.slice(0, 3))(
    'one that was fixed in between is not told of any more: overtaken at step %i',
    async step => {
      world.content = Buffer.from('waivers:');
      overtakenAt(step, () => world.write('CVE-1'));
      await publishWaivers(world);
      if (step < 2) expect(world).toMatchObject({ waived: ['CVE-1'], sent: [] });
      else expect(world.sent).toHaveLength(1); // it had read it already: its message was right then
    },
  );

  test('and find the same are one revision', async () => {
    world.write('CVE-1');
    overtakenAt(3, () => undefined);
    await publishWaivers(world);
    expect(world).toMatchObject({ active: { revision: 1 }, sweeps: 1 });
  });

  test('give up when it goes on for ever, and the function comes back to it', async () => {
    let others = 0;
    world.write('CVE-1');
    world.meanwhile = async () => {
      world.active = { revision: ++others, sha256: 'another' };
    };
    await expect(publishWaivers(world)).rejects.toThrow(/replaced by another publisher 5 times/);
    expect(world.sweeps).toBe(0);
  });
});

test('a sweep that fails is an error of the function, and no revision is used again', async () => {
  world.write('CVE-1');
  await expect(
    publishWaivers({
      ...world,
      sweep: async () => {
        throw new Error('throttled');
      },
    }),
  ).rejects.toThrow('throttled');
  // the hourly reconciliation compares revisions, and finds all
  expect(await publishWaivers(world)).toEqual({ done: '1 waivers, revision 1, as before' });
});

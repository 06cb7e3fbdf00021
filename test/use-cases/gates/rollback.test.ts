import { imageOf, type ImageName } from '../../../src/core/image/image';
import { LENIENT, World } from '../world';
import { Gate, type Deployed } from '../world/gate';

/** As `fromAsset` names them: a tag for each content. */
const BEFORE: Deployed = { repository: 'team/clean', tag: 'hash1' };

let world: World;
let gate: Gate;
let v1: ImageName;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new Gate(world);
  v1 = image('clean', 'hash1');
});

function image(name: string, tag: string, repository = 'team/clean'): ImageName {
  const made = world.has(name, [], repository);
  world.registry.tag(imageOf(made), tag);
  return made;
}

/** What the template makes of the repository that it names and of what it is handed. */
interface Handed {
  readonly uri: string;
  readonly id: string;
}

/**
 * A later resource failed: the properties are those of before, and nobody knows which of the two ids
 * CloudFormation sends.
 */
async function rollBack(id: string, to: Deployed, from: Deployed): Promise<Handed> {
  gate.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
  gate.resolved.length = 0;
  const asked = world.requests.messages.length;
  const event = gate.event(to, 'Update', id, from);
  const end = await gate.look(event, (await gate.request(event))!);
  if (!('PhysicalResourceId' in end)) throw new Error('a rollback waits for nothing, and is not refused');
  expect(world.requests.messages).toHaveLength(asked);
  return { uri: `${to.repository}@${end.Data!.Digest}`, id: end.PhysicalResourceId };
}

const uriOf = (of: ImageName) => of.slice(of.indexOf('/') + 1);

describe.each(['the id of before', 'the id of now'])('after v1 and v2 were admitted, with %s', which => {
  async function updated(after: Deployed, before = BEFORE): Promise<string> {
    const { id: idBefore } = await gate.create(before);
    const { id: idNow } = await gate.update(idBefore!, after);
    expect(idNow).not.toBe(idBefore);
    return which === 'the id of before' ? idBefore! : idNow!;
  }

  test.each<[string, () => void]>([
    ['is there', () => undefined],
    [
      'names another image by now, which nobody judged',
      () => world.registry.moveTag(imageOf(world.has('fixable-critical', [], 'team/clean')), 'hash1'),
    ],
    ['is gone, with the image', () => world.registry.remove(imageOf(v1))],
  ])('the way back is v1, though its tag %s: nobody is asked', async (_what, happens) => {
    image('unfixed-only', 'hash2');
    const after = { ...BEFORE, tag: 'hash2' };
    const id = await updated(after);
    happens();
    expect(await rollBack(id, BEFORE, after)).toMatchObject({ uri: uriOf(v1) });
    expect(gate.resolved).toEqual([]);
  });

  test('in another repository: the way back is v1 in the repository of then', async () => {
    image('unfixed-only', 'hash1', 'team/other');
    const after = { repository: 'team/other', tag: 'hash1' };
    expect(await rollBack(await updated(after), BEFORE, after)).toMatchObject({ uri: uriOf(v1) });
  });

  test('the same digest in another repository too: the way back names the repository of then', async () => {
    const copy = image('clean', 'hash2', 'team/other');
    expect(imageOf(copy).digest).toBe(imageOf(v1).digest);
    const after = { repository: 'team/other', tag: 'hash2' };
    expect(await rollBack(await updated(after), BEFORE, after)).toEqual({
      uri: uriOf(v1),
      id: expect.stringMatching(/^[^,]*\/team\/clean@[^,]*#hash1/),
    });
  });

  test('by a tag, where it was named by a digest before, and the other way round', async () => {
    const v2 = image('unfixed-only', 'hash2');
    const [byDigest, byTag] = [
      { repository: 'team/clean', digest: imageOf(v1).digest },
      { repository: 'team/clean', tag: 'hash2' },
    ];
    expect(await rollBack(await updated(byTag, byDigest), byDigest, byTag)).toMatchObject({ uri: uriOf(v1) });
    expect(
      await rollBack(
        await updated({ repository: 'team/clean', digest: imageOf(v2).digest }, BEFORE),
        BEFORE,
        byTag,
      ),
    ).toMatchObject({ uri: uriOf(v1) });
  });

  test('the way back can be gone again: what it was admitted as then is remembered, too', async () => {
    image('unfixed-only', 'hash2');
    const after = { ...BEFORE, tag: 'hash2' };
    const { id } = await rollBack(await updated(after), BEFORE, after);
    expect(await rollBack(id, BEFORE, after)).toEqual({ uri: uriOf(v1), id });
    expect((await gate.update(id, after)).id).toMatch(/#hash2,[^,]*#hash1$/);
  });
});

describe('an id of before it said a tag', () => {
  test('is what ran, though its tag was moved', async () => {
    world.registry.moveTag(imageOf(world.has('unfixed-only', [], 'team/clean')), 'hash1');
    expect(await rollBack(v1, BEFORE, { ...BEFORE, tag: 'hash2' })).toMatchObject({
      uri: uriOf(v1),
      id: `${v1}#hash1,${v1}`,
    });
  });

  test('is remembered behind the new one', async () => {
    image('unfixed-only', 'hash2');
    const after = { ...BEFORE, tag: 'hash2' };
    const { id } = await gate.update(v1, after);
    expect(id).toMatch(new RegExp(`#hash2,${v1}$`));
    expect(await rollBack(id!, BEFORE, after)).toMatchObject({ uri: uriOf(v1) });
  });
});

describe('an id that remembers another tag', () => {
  const after = { ...BEFORE, tag: 'hash2' };
  const idOf = (of: ImageName) => `${of}#hash2`;

  /** It was judged for another deployment. */
  const judgeV1 = async () => expect(await gate.create(BEFORE)).toMatchObject({ image: v1 });

  test('goes to what the tag of the properties names, if that is trusted: it was never admitted here', async () => {
    await judgeV1();
    expect(await rollBack(idOf(image('unfixed-only', 'hash2')), BEFORE, after)).toMatchObject({
      uri: uriOf(v1),
    });
    expect(gate.resolved).toEqual(['hash1']);
  });

  test.each<[string, (bad: ImageName) => Deployed]>([
    ['a tag', () => ({ ...BEFORE, tag: 'bad' })],
    ['a digest', bad => ({ repository: 'team/clean', digest: imageOf(bad).digest })],
  ])('is no way for an image that was never admitted here, by %s', async (_what, to) => {
    const { id } = await gate.create(BEFORE);
    const bad = image('fixable-critical', 'bad');
    const end = await gate.update(id!, to(bad), 'UPDATE_ROLLBACK_IN_PROGRESS');
    expect(end.reason).toMatch(/is refused: it does not pass policy/);
    expect(gate.alerts).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['is gone', () => world.registry.remove(imageOf(v1))],
    [
      'cannot be looked up',
      () =>
        Object.defineProperty(world.registry, 'pushed', {
          get: () => {
            throw new Error('AccessDenied');
          },
        }),
    ],
  ])('stays where it is, if that tag %s', async (_what, happens) => {
    const v2 = image('unfixed-only', 'hash2');
    happens();
    expect(await rollBack(idOf(v2), BEFORE, after)).toMatchObject({ uri: uriOf(v2) });
  });

  test('of another repository too: goes to what the tag names in the repository of the properties, and never to a digest that is not there', async () => {
    await judgeV1();
    const elsewhere = idOf(image('unfixed-only', 'hash2', 'team/other'));
    const from = { repository: 'team/other', tag: 'hash2' };
    expect(await rollBack(elsewhere, BEFORE, from)).toMatchObject({ uri: uriOf(v1) });
    world.registry.remove(imageOf(v1));
    await expect(rollBack(elsewhere, BEFORE, from)).rejects.toThrow(
      'no image that was admitted here is in the repository team/clean, and its tag "hash1" names no image: push it again, then continue the rollback',
    );
  });
});

describe.each(['the id of before', 'the id of now'])(
  'after a gate that refuses was turned into one that only audits, and admitted what its tag named by then, with %s',
  which => {
    const AUDIT: Deployed = { ...BEFORE, enforcement: 'AUDIT' };

    async function audited(
      of: Parameters<World['has']>[0] = 'fixable-critical',
    ): Promise<{ ids: [string, string]; id: string; bad: ImageName }> {
      const { id: idBefore } = await gate.create(BEFORE);
      const bad = world.has(of, [], 'team/clean');
      world.registry.moveTag(imageOf(bad), 'hash1');
      const { id: idNow, image: now } = await gate.update(idBefore!, AUDIT);
      expect(now).toBe(bad);
      return { ids: [idBefore!, idNow!], id: which === 'the id of before' ? idBefore! : idNow!, bad };
    }

    test('the way back to the gate that refuses is what it admitted, and not what only the audit let in', async () => {
      const { id } = await audited();
      gate.alerts.length = 0;
      expect(await rollBack(id, BEFORE, AUDIT)).toMatchObject({
        uri: uriOf(v1),
        id: expect.stringMatching(/^[^,]*#hash1(?:,|$)/),
      });
      expect(gate.alerts).toEqual([]);
    });

    test('what was trusted when the audit let it in is no worse than what was admitted', async () => {
      const { id, bad } = await audited('unfixed-only');
      const { uri } = await rollBack(id, BEFORE, AUDIT);
      expect([uriOf(v1), uriOf(bad)]).toContain(uri);
      expect(gate.alerts).toEqual([]);
    });
  },
);

describe('a gate that only watched', () => {
  const AUDIT: Deployed = { repository: 'team/clean', tag: 'bad', enforcement: 'AUDIT' };
  let bad: ImageName;
  let id: string;

  beforeEach(async () => {
    bad = image('fixable-critical', 'bad');
    id = (await gate.create(AUDIT)).id!;
    gate.alerts.length = 0;
  });

  test('remembers that the image was never trusted', () => {
    expect(id).toBe(`${bad}#bad#anyway`);
  });

  test('is gone back to, when the gate that refuses refuses: what ran may run on, as the template of then says, and the team is notified', async () => {
    const refuses = { ...AUDIT, enforcement: 'REFUSE' as const };
    expect((await gate.update(id, refuses)).reason).toMatch(/is refused/);
    expect(await rollBack(id, AUDIT, refuses)).toEqual({ uri: uriOf(bad), id });
    expect(gate.alerts).toHaveLength(1);
  });

  test('never makes an image trusted by a rollback, however often', async () => {
    for (let times = 0; times < 3; times++) id = (await rollBack(id, AUDIT, { ...AUDIT, tag: 'hash1' })).id;
    expect(id).toBe(`${bad}#bad#anyway`);
  });

  describe('and a gate that refuses is gone back to, whose own image the id remembers no more', () => {
    const refuses: Deployed = { repository: 'team/clean', tag: 'bad' };

    test('goes to what was admitted there as trusted', async () => {
      const { id: later } = await gate.update(id, { repository: 'team/clean', tag: 'hash1' });
      expect(await rollBack(later!, refuses, AUDIT)).toMatchObject({ uri: uriOf(v1) });
      expect(gate.alerts).toEqual([]);
    });

    test('is not stuck where nothing else is there: it runs on, is not taken for trusted, and the team is notified what it is', async () => {
      expect(await rollBack(id, refuses, AUDIT)).toEqual({ uri: uriOf(bad), id });
      expect(gate.alerts.map(({ lines }) => lines)).toEqual([
        expect.arrayContaining([
          'its stack was rolling back, and there was no image that its gate ever found trusted',
        ]),
      ]);
    });
  });

  test('once the image is trusted, the mark is gone', async () => {
    const refuses = { ...AUDIT, enforcement: 'REFUSE' as const };
    world.pass(1);
    world.publish(LENIENT);
    expect((await gate.update(id, refuses)).id).toBe(`${bad}#bad`);
  });
});

import type { ImageName } from '../../../src/core/image/image';
import { World } from '../world';
import { trivyReport } from '../world/zoo';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
});

describe('rule 4.6, scan lease: builds that nobody waits for', () => {
  test('a late build, after its lease and a new scan lease, is ignored; the new one counts', async () => {
    world.builds.seconds = 4000;
    world.finds(image, 'fixable-critical');
    world.push(image, 'v1');
    await world.settle({ minutes: 60 });
    world.finds(image, 'fixable-critical');
    world.builds.seconds = 90;
    await world.reconcile();

    expect(world.buildsOf(image)).toBe(2);
    expect(world.row(image).verdict).toMatchObject({ scanSeq: 2 });
    expect(world.verdicts(image)).toHaveLength(1);
    expect(world.outcomes).toContainEqual(
      expect.objectContaining({ done: expect.stringMatching(/is not the one that is waited for$/) }),
    );
  });

  test('the replay of an old PASS after a FAIL changes nothing', async () => {
    await world.passed(image);
    const [old] = world.builds.builds;
    world.finds(image, 'fixable-critical');
    world.ask(image, 'renewal');
    await world.settle();
    const before = world.row(image);

    for (let times = 0; times < 3; times++) world.results.put({ version: 1, buildId: old!.id });
    world.results.put({ version: 1, image });
    await world.settle();

    expect(world.row(image)).toEqual(before);
    expect(world.verdicts(image)).toEqual(['PASS changed', 'FAIL changed']);
  });

  test('a build that is under way is asked about again', async () => {
    world.builds.seconds = 1700;
    world.push(image, 'v1');
    await world.settle({ minutes: 20 });
    expect(world.outcomes.at(-1)).toMatchObject({ deferSeconds: 120, why: 'the build is under way' });
    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
  });

  test('a conflict with another writer sends the whole message back', async () => {
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    const save = world.register.save.bind(world.register);
    jest.spyOn(world.register, 'save').mockResolvedValueOnce(undefined).mockImplementation(save);
    await world.settle();
    expect(world.outcomes).toContainEqual({
      image,
      deferSeconds: 3,
      why: "the image's row changed in between",
    });
    expect(world.outcome(image)).toBe('PASS');
  });
});

test('rule 5.2, provenance: a build that was asked for before the scanner was deployed anew is no forgery, and is tried again', async () => {
  const before = world.expectedBuild;
  world.push(image, 'v1');
  await world.settle({ minutes: 0.5 });
  world.expectedBuild = { ...before, revision: 'revision-2', buildspecSha256: 'another' };
  await world.settle({ minutes: 2 });
  expect(world.row(image).lastFailedScan).toMatchObject({
    cause: 'SCANNER_CHANGED',
    retryAt: expect.any(String),
  });

  world.expectedBuild = { ...before, revision: 'revision-2' };
  await world.settle();
  expect(world.row(image).verdict).toMatchObject({ outcome: 'PASS' });
});

test('rule 4.2, optimistic locking: a lost policy store is published as a failed scan, and the verdict stands until it expires', async () => {
  world.publish({ name: 'second', maxAgeHours: 72, rules: [{ rule: 'secrets', action: 'deny' }] });
  await world.passed(image);
  const { verdict } = world.row(image);
  world.policy = { ...world.policy!, revision: 1 };
  world.ask(image, 'renewal');
  await world.settle();

  expect(world.row(image).lastFailedScan).toMatchObject({
    cause: 'POLICY_INVALID',
    detail: expect.stringContaining('the policy store was lost or replaced'),
  });
  expect(world.row(image).verdict).toEqual(verdict);
});

describe('rule 4.3, outbox: events that are not published yet', () => {
  test.each(['PASS', 'FAIL'])(
    'a crash after the register was written: %s is published later, by reconcile, if the message is lost',
    async outcome => {
      if (outcome === 'FAIL') world.finds(image, 'fixable-critical');
      world.dies = true;
      world.push(image, 'v1');
      await world.settle({ minutes: 1 });
      const save = world.register.save.bind(world.register);
      jest.spyOn(world.register, 'save').mockImplementation(async (row, now) => {
        if (row.outbox !== undefined) world.interruptions.crashAtCalls(2);
        return save(row, now);
      });
      await world.settle({ minutes: 1 });
      world.results.messages = [];
      jest.restoreAllMocks();
      expect(world.row(image)).toMatchObject({ verdict: { outcome }, outbox: ['verdict'] });
      expect(world.bus).toEqual([]);

      world.interruptions.crashAtCalls();
      world.pass(1);
      await world.reconcile();
      expect(world.verdicts(image)).toEqual([`${outcome} changed`]);
      expect(world.row(image)).not.toHaveProperty('outbox');
    },
  );

  test('a verdict that comes before the last one was published says what changed since the published one', async () => {
    await world.passed(image);
    for (const [finds, hours] of [
      ['fixable-critical', 0],
      ['clean', 25],
    ] as const) {
      world.finds(image, finds);
      world.pass(hours);
      world.ask(image, 'request');
      await world.settle();
      if (finds === 'fixable-critical') {
        // as if whoever wrote it had died before telling
        world.register.rows.set(image, {
          ...world.row(image),
          outbox: ['verdict'],
          replaced: replacedOf(0),
        });
        world.bus.splice(1);
      }
    }
    expect(world.verdicts(image)).toEqual(['PASS changed', 'PASS']);
    expect(world.bus.at(-1)?.detail).toMatchObject({ previousOutcome: 'PASS', changed: false });
  });
});

function replacedOf(at: number): any {
  const key = world.evidence.keys('verdicts/')[at]!;
  const { outcome, content, evidenceKey, sha256 } = { ...world.row(image).replaced!, evidenceKey: key };
  return { outcome, content, evidenceKey, sha256 };
}

describe('rule 5.9, what was scanned is what runs: one digest has one set of packages', () => {
  test.each([
    ['lists other packages', 'clean', 'unfixed-only'],
    ['is asked for after a FAIL, and finds nothing by the same database', 'fixable-critical', 'clean'],
  ])('a scan that %s overturns nothing, and is told', async (_, first, then) => {
    world.finds(image, { report: trivyReport(first) });
    world.push(image, 'v1');
    await world.settle();
    const before = world.outcome(image);
    world.finds(image, { report: trivyReport(then) });
    world.ask(image, 'request');
    await world.settle();
    expect(world.row(image)).toMatchObject({
      verdict: { outcome: before },
      lastFailedScan: { cause: 'SCAN_DIFFERS' },
    });
    expect(world.bus.at(-1)?.detail).toMatchObject({ cause: 'SCAN_DIFFERS' });
  });
});

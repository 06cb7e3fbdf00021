import { imageOf, type ImageName } from '../../../src/core/image/image';
import { LENIENT, STANDARD, World } from '../world';

const STRICT = {
  ...STANDARD,
  name: 'strict',
  rules: [
    ...STANDARD.rules,
    { rule: 'vulnerabilities', action: 'deny', severities: ['HIGH', 'MEDIUM', 'LOW'], onlyFixed: false },
  ],
};
const UNCOVERED = {
  ...STANDARD,
  name: 'uncovered',
  rules: STANDARD.rules.filter(({ rule }) => rule !== 'coverage'),
};

let world: World;
let image: ImageName;
const waiver = () => ({
  id: 'CVE-2021-44906',
  repositories: ['team/*'],
  owner: 'alice@example.com',
  reason: 'not reachable from any input',
  expires: new Date(world.now.getTime() + 30 * 86_400_000).toISOString().slice(0, 10),
});

beforeEach(() => {
  world = new World();
  image = world.has('fixable-critical');
});

describe('rule 4.9, re-evaluation: a change of policy judges every image again from its stored report', () => {
  test('without a scan, with an id of its own, in both directions', async () => {
    world.push(image, 'v1');
    await world.settle();
    const { scanId } = world.row(image).verdict!;

    for (const [policy, outcome] of [
      [LENIENT, 'PASS'],
      [STRICT, 'FAIL'],
    ] as const) {
      world.publish(policy);
      world.pass(1);
      await world.reconcile();
      expect(world.row(image).verdict).toMatchObject({ outcome, scanId, scanSeq: 1 });
    }
    expect(world.verdicts(image)).toEqual(['FAIL changed', 'PASS changed', 'FAIL changed']);
    expect(world.buildsOf(image)).toBe(1);
    expect(world.evidence.keys('verdicts/')).toHaveLength(3);
  });

  test('all of them, in every repository', async () => {
    const images = [
      image,
      world.has('secret-deleted-later', [], 'team/fixable-critical'),
      world.has('root'),
      world.has('clean', [], 'team/root'),
    ];
    for (const each of images) world.push(each, 'v1');
    await world.settle();
    world.publish(LENIENT);
    world.pass(1);
    await world.reconcile();
    expect(images.map(each => world.row(each).verdict)).toEqual(
      images.map(() => expect.objectContaining({ outcome: 'PASS', policyRevision: 2 })),
    );
  });

  test('once: a sweep that finds nothing to do writes nothing', async () => {
    world.push(image, 'v1');
    await world.settle();
    const before = world.row(image);
    world.results.put({ version: 1, image });
    world.pass(1);
    await world.reconcile();
    expect(world.row(image)).toEqual(before);
    expect(world.bus).toHaveLength(1);
  });

  test('does not make trust last longer, nor put a renewal off', async () => {
    image = world.has('clean');
    world.push(image, 'v1');
    await world.settle();
    const { validUntil } = world.row(image).verdict!;
    const due = world.row(image).dueSk;
    world.publish(STRICT);
    world.pass(20);
    world.results.put({ version: 1, image });
    await world.settle();

    expect(world.row(image)).toMatchObject({ verdict: { validUntil, policyRevision: 2 }, dueSk: due });
  });

  test('leaves a scan alone that is under way', async () => {
    image = world.has('clean');
    world.push(image, 'v1');
    await world.settle();
    world.finds(image, 'fixable-critical');
    world.pass(25);
    world.ask(image, 'renewal');
    await world.settle({ minutes: 1 });
    const { lease } = world.row(image);

    world.publish(STRICT);
    world.results.put({ version: 1, image });
    await world.settle({ minutes: 0.1 });
    expect(world.row(image)).toMatchObject({ verdict: { policyRevision: 2, scanSeq: 1 }, lease });
    expect(world.slotsTaken).toBe(1);

    await world.settle();
    expect(world.row(image).verdict).toMatchObject({ outcome: 'FAIL', scanSeq: 2 });
  });

  test('rule 4.4, failed scans keep the verdict: where it is indeterminate, it says so once, and the verdict stands', async () => {
    world.publish(LENIENT);
    image = world.has('no-packages');
    world.push(image, 'v1');
    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
    world.publish(STANDARD);
    for (let hour = 0; hour < 6; hour++) {
      world.pass(1);
      await world.reconcile();
    }
    expect(world.row(image)).toMatchObject({
      verdict: { outcome: 'PASS' },
      lastFailedScan: { cause: 'NOT_COVERED', policyRevision: 3, count: 1 },
    });
    expect(world.failures(image)).toEqual(['NOT_COVERED']);
    expect(world.buildsOf(image)).toBe(1);
  });

  test('judges the scan that the policy before could not judge', async () => {
    image = world.has('no-packages');
    world.push(image, 'v1');
    await world.settle();
    expect(world.row(image).lastFailedScan).toMatchObject({ cause: 'NOT_COVERED' });

    world.publish(UNCOVERED);
    world.pass(1);
    await world.reconcile();
    expect(world.outcome(image)).toBeDefined();
    expect(world.buildsOf(image)).toBe(1);
  });

  test('judges the scan of the verdict where a later one had an older database', async () => {
    world.push(image, 'v1');
    await world.settle();
    const { scanId } = world.row(image).verdict!;
    world.pass(1);
    world.builds.databaseUpdatedAt = '2026-11-24T12:00:00Z';
    world.ask(image, 'request');
    await world.settle();
    expect(world.row(image).lastFailedScan).toMatchObject({ cause: 'DATABASE_OLDER' });

    world.publish(LENIENT);
    world.pass(1);
    await world.reconcile();
    expect(world.row(image).verdict).toMatchObject({ outcome: 'PASS', scanId, policyRevision: 2 });
  });

  test('scans again where the stored report is gone, or too old to pass by', async () => {
    world.push(image, 'v1');
    await world.settle();
    for (const key of world.evidence.keys('scans/')) world.evidence.objects.delete(key);
    world.publish(STRICT);
    world.pass(1);
    await world.reconcile();
    expect(world.failures(image)).toEqual(['REPORT_MISSING']);
    expect(world.row(image).verdict).toMatchObject({ scanSeq: 2, policyRevision: 2 });

    world.publish(LENIENT);
    world.pass(24 * 30);
    await world.reconcile();
    expect(world.failures(image)).toEqual(['REPORT_MISSING', 'REPORT_OUTDATED']);
    expect(world.row(image).verdict).toMatchObject({ scanSeq: 3, policyRevision: 3 });
  });

  test('refuses by a stored report of any age, without a scan and without a word of its database', async () => {
    image = world.has('fixable-critical');
    world.push(image, 'v1');
    await world.settle();
    world.pass(24 * 30);
    world.publish(STRICT);
    await world.reconcile();
    expect(world.failures(image)).toEqual([]);
    expect(world.row(image).verdict).toMatchObject({ outcome: 'FAIL', policyRevision: 2 });
    expect(world.buildsOf(image)).toBe(1);
  });

  test('asks an image that is gone once, and then no more', async () => {
    image = world.has('fixable-critical');
    world.push(image, 'v1');
    await world.settle();
    world.has('clean', [], imageOf(image).repository);
    world.registry.remove(imageOf(image));
    world.pass(24 * 30);
    world.publish(LENIENT);
    await world.reconcile();
    await world.settle({ minutes: 3 });
    expect(world.failures(image)).toEqual(['IMAGE_GONE']);
    for (let hour = 0; hour < 24; hour++) {
      world.pass(1);
      await world.reconcile();
    }
    world.publish(STRICT);
    world.pass(1);
    await world.reconcile();
    expect(world.failures(image)).toEqual(['IMAGE_GONE']);
  });

  test('what it cannot judge by the waivers of now it says once, not each hour', async () => {
    image = world.has('no-packages');
    world.publish(UNCOVERED);
    world.push(image, 'v1');
    await world.settle();
    world.publish(STANDARD);
    world.waive(waiver());
    for (let hour = 0; hour < 5; hour++) {
      world.pass(1);
      await world.reconcile();
    }
    expect(world.failures(image)).toEqual(['NOT_COVERED']);
  });

  test('which is not valid for this version, changes nothing and is no failed scan of each image', async () => {
    world.push(image, 'v1');
    await world.settle();
    const before = world.row(image);
    world.publish({ ...STANDARD, rules: [{ rule: 'quantum', action: 'deny' }] });
    world.pass(1);
    await world.reconcile();
    expect(world.row(image)).toEqual(before);
    expect(world.outcomes.at(-1)).toMatchObject({ cause: 'POLICY_INVALID' });
  });
});

describe('rule 4.2, optimistic locking: an evaluator with the policy of before', () => {
  test('cannot overwrite what was judged by the one after', async () => {
    world.publish(LENIENT);
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    world.endBuilds();
    const old = world.evaluateContext();
    const lenient = await old.activePolicy();
    const save = world.register.save.bind(world.register);
    jest.spyOn(world.register, 'save').mockImplementationOnce(async (row, now) => {
      // while it is about to write, another one does: with the policy that came meanwhile
      jest.restoreAllMocks();
      world.publish(STRICT);
      await save(
        { ...row, verdict: { ...row.verdict!, outcome: 'FAIL', policyRevision: 3 }, policyRevision: 3 },
        now,
      );
      return save(row, now);
    });
    await world.settle();

    expect(lenient.revisions.policy).toBe(2);
    expect(world.row(image).verdict).toMatchObject({ outcome: 'FAIL', policyRevision: 3 });
  });
});

describe('rule 5.3, separation of duties: evidence that is not what the register says', () => {
  test.each([
    ['is gone', (key: string) => world.evidence.objects.delete(key)],
    [
      'was changed',
      (key: string) =>
        world.evidence.put(key, JSON.stringify({ ...world.evidence.json(key), outcome: 'PASS' })),
    ],
  ])('a verdict that %s decides nothing: poison, with its key', async (_what, happens) => {
    world.push(image, 'v1');
    await world.settle();
    happens(world.row(image).verdict!.evidenceKey);
    world.publish(LENIENT);
    world.results.put({ version: 1, image });
    await world.settle();

    expect(world.outcome(image)).toBe('FAIL');
    expect(world.results.dead).toEqual([
      expect.objectContaining({
        why: expect.stringMatching(/^Error: verdicts\/.* is not what the register says/),
      }),
    ]);
  });

  test('a verdict of another image under the right key is refused', async () => {
    const other = world.has('clean');
    world.push(other, 'v1');
    await world.settle();
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    const { scanId } = world.row(image).lease!;
    const key = `verdicts/000000000000/us-east-1/team/fixable-critical@${image.split(':')[1]}/${scanId}.json`;
    world.evidence.put(key, JSON.stringify(world.evidence.json(world.row(other).verdict!.evidenceKey)));
    await world.settle();

    expect(world.outcome(image)).toBeUndefined();
    expect(world.results.dead).toContainEqual(
      expect.objectContaining({
        why: expect.stringMatching(/^Error: a verdict of .* is stored among those of /),
      }),
    );
  });
});

test('an image that nobody knows is nothing to do', async () => {
  world.results.put({ version: 1, image });
  await world.settle();
  expect(world.outcomes).toEqual([{ image, done: 'nothing to do' }]);
});

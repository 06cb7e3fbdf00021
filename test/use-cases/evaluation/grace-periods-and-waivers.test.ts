import { imageOf, type ImageName } from '../../../src/core/image/image';
import { STANDARD, World } from '../world';

const CRITICAL = { rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: true };
const WITH_GRACE_PERIOD = {
  ...STANDARD,
  name: 'with-grace-periods',
  rules: [{ ...CRITICAL, graceDays: { CRITICAL: 7 } }],
};
const DAY = 86_400_000;

let world: World;
let image: ImageName;

/** An image that was trusted, until the database learned of a vulnerability in it. */
beforeEach(async () => {
  world = new World();
  world.signs = true;
  world.publish(WITH_GRACE_PERIOD);
  image = world.has('clean', [], 'team/app');
  world.push(image, 'v1');
  await world.settle();
  world.finds(image, 'fixable-critical');
});

async function days(count: number, each: () => void = () => undefined): Promise<void> {
  const from = world.now.getTime();
  for (let hour = 1; hour <= count * 24; hour++) {
    world.now = new Date(Math.max(world.now.getTime(), from + hour * 3_600_000));
    await world.reconcile();
    each();
  }
}

function waiver(changes: object = {}): object {
  return {
    id: 'CVE-2021-44906',
    repositories: ['team/*'],
    owner: 'alice@example.com',
    reason: 'not reachable from any input',
    expires: '2026-12-03',
    ...changes,
  };
}

describe('rule 4.5, expiry and grace periods: a remediation grace period', () => {
  test('keeps an image that was trusted, and refuses it when it ends, from the stored report', async () => {
    const { scannedAt } = world.row(image).verdict!;
    await days(6, () => expect(world.decision(image).trusted).toBe(true));
    const { verdict } = world.row(image);
    const found = Date.parse(world.evidence.json(verdict!.evidenceKey).deadlines[0].since);
    expect(found).toBeGreaterThan(Date.parse(scannedAt));
    expect(Date.parse(verdict!.validUntil)).toBeLessThanOrEqual(found + 7 * DAY);
    await days(3);
    expect(world.row(image)).toMatchObject({ verdict: { outcome: 'FAIL' }, revokedBy: expect.anything() });
    const failed = world.evidence.json(world.row(image).verdict!.evidenceKey);
    expect(Date.parse(failed.evaluatedAt) - (found + 7 * DAY)).toBeLessThan(2 * 3_600_000);
    expect(failed.violations[0].message).toContain('; its 7 days to be fixed, counted from ');
  });

  test("is the repository's: a rebuild and a push of the same keep what is left of it, and another repository has none", async () => {
    await days(2);
    const rebuilt = world.has('fixable-critical', [], 'team/app');
    const elsewhere = world.has('fixable-critical', [], 'team/other');
    for (const each of [rebuilt, elsewhere]) world.push(each, 'v2');
    await world.settle();
    expect([rebuilt, elsewhere].map(each => world.outcome(each))).toEqual(['PASS', 'FAIL']);
    expect(world.row(rebuilt).verdict!.outcome).toBe('PASS');
    const [since] = [image, rebuilt].map(
      each => world.evidence.json(world.row(each).verdict!.evidenceKey).deadlines[0].since,
    );
    expect(world.evidence.json(world.row(rebuilt).verdict!.evidenceKey).deadlines[0].since).toBe(since);
    await days(7);
    expect([image, rebuilt].map(each => world.outcome(each))).toEqual(['FAIL', 'FAIL']);
    world.push(rebuilt, 'v3');
    await world.settle();
    expect(world.outcome(rebuilt)).toBe('FAIL');
  });

  test('is not opened by what is new to the repository and can be fixed, however often it is pushed', async () => {
    const other = world.has('fixable-critical', [], 'team/other');
    for (const tag of ['v1', 'v2']) {
      world.push(other, tag);
      await world.settle();
      world.pass(1);
      world.ask(other, 'request');
      await world.settle();
      expect(world.outcome(other)).toBe('FAIL');
    }
  });

  test('is not opened by an image of long ago that is pushed again, for it or for another one', async () => {
    world.registry.remove(imageOf(image));
    world.has('root', [], 'team/app');
    await days(4);
    expect(world.row(image).lastFailedScan).toMatchObject({ cause: 'IMAGE_GONE' });
    const newer = world.has('fixable-critical', [], 'team/app');
    world.push(newer, 'v9');
    await world.settle();
    expect(world.outcome(newer)).toBe('FAIL');

    expect(world.has('clean', [], 'team/app')).toBe(image);
    world.finds(image, 'fixable-critical');
    world.push(image, 'old');
    await world.settle();
    expect(world.outcome(image)).toBe('FAIL');
    world.ask(newer, 'request');
    await world.settle();
    expect(world.outcome(newer)).toBe('FAIL');
  });

  test('begins when it is judged, not when an image of long ago was scanned', async () => {
    const stale = world.has('fixable-critical', [], 'team/app');
    world.push(stale, 'v0');
    await world.settle();
    expect(world.outcome(stale)).toBe('FAIL');
    await days(20);
    world.publish({
      ...WITH_GRACE_PERIOD,
      rules: [
        {
          ...CRITICAL,
          severities: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'],
          onlyFixed: false,
          graceDays: { CRITICAL: 7, HIGH: 7, MEDIUM: 7, LOW: 7, UNKNOWN: 7 },
        },
      ],
    });
    await days(1);
    expect(world.gracePeriods.beginnings('team/app').length).toBeGreaterThan(0);
    for (const since of world.gracePeriods.beginnings('team/app')) {
      expect(Date.parse(since)).toBeGreaterThan(Date.parse(world.row(stale).verdict!.scannedAt));
    }
  });

  test('scans no more often when it is about to end', async () => {
    await days(7);
    expect(world.buildsOf(image)).toBeLessThanOrEqual(9);
  });
});

describe('waivers', () => {
  beforeEach(async () => {
    world.publish({ ...WITH_GRACE_PERIOD, name: 'strict', rules: [CRITICAL] });
    await days(1.5);
    expect(world.outcome(image)).toBe('FAIL');
  });

  test('rule 4.9, re-evaluation: that are accepted lift a refusal without a scan, trust follows; when they end, the refusal comes back, and trust goes', async () => {
    const builds = world.buildsOf(image);
    world.waive(waiver());
    world.pass(1);
    await world.reconcile();
    expect(world.row(image)).toMatchObject({
      waiverRevision: 1,
      verdict: { outcome: 'PASS', waiverRevision: 1 },
      statement: expect.anything(),
    });
    expect(world.decision(image)).toMatchObject({ trusted: true });
    expect(world.buildsOf(image)).toBe(builds);

    await days(8);
    expect(world.row(image)).toMatchObject({ verdict: { outcome: 'FAIL' }, revokedBy: expect.anything() });
    const failed = world.evidence.json(world.row(image).verdict!.evidenceKey);
    expect(failed.violations[0].message).toMatch(
      /; the waiver of alice@example\.com expired at 2026-12-03T23:59:59\.999Z$/,
    );
    expect(failed.evaluatedAt < '2026-12-04T01:30').toBe(true);
  });

  test('that are taken back revoke, within the hour', async () => {
    world.waive(waiver());
    world.pass(1);
    await world.reconcile();
    world.waive();
    world.pass(1);
    await world.reconcile();
    expect(world.row(image)).toMatchObject({
      waiverRevision: 2,
      verdict: { outcome: 'FAIL' },
      revokedBy: expect.anything(),
    });
  });

  test('rule 4.2, optimistic locking: of before cannot overwrite what was judged by those after', async () => {
    world.waive(waiver());
    const old = world.evaluateContext();
    await old.activePolicy();
    world.waive();
    world.pass(1);
    await world.reconcile();
    expect(world.row(image)).toMatchObject({ waiverRevision: 2, verdict: { outcome: 'FAIL' } });
    const before = world.row(image);
    world.waivers = { ...world.waivers!, revision: 1 };
    world.ask(image, 'request');
    await world.settle();
    expect(world.row(image).verdict).toEqual(before.verdict);
    expect(world.row(image).lastFailedScan).toMatchObject({
      cause: 'POLICY_INVALID',
      detail: expect.stringContaining('the active waiver list has the revision 1'),
    });
  });

  test('of another repository or image cover nothing', async () => {
    world.waive(
      waiver({ repositories: ['other/*'] }),
      waiver({ repositories: ['team/app'], digests: [imageOf(world.has('root')).digest] }),
    );
    world.pass(1);
    await world.reconcile();
    expect(world.outcome(image)).toBe('FAIL');
  });

  test('that nobody can read decide nothing: the verdict stands, and it is no PASS', async () => {
    world.waive(waiver());
    world.evidence.put(world.evidence.keys('policies/waivers/')[0]!, '{"version":1,"waivers":[]}');
    world.pass(1);
    await world.reconcile();
    expect(world.outcome(image)).toBe('FAIL');
  });
});

test('another policy for another repository judges by that one', async () => {
  world.publish({
    default: WITH_GRACE_PERIOD,
    scoped: [
      {
        repositories: [{ by: 'prefix', prefix: 'sandbox/' }],
        policy: { ...STANDARD, name: 'sandbox', rules: [{ rule: 'secrets', action: 'deny' }] },
      },
    ],
  });
  const [team, sandbox] = ['team/other', 'sandbox/other'].map(repository =>
    world.has('fixable-critical', [], repository),
  ) as [ImageName, ImageName];
  for (const each of [team, sandbox]) world.push(each, 'v1');
  await world.settle();
  expect([team, sandbox].map(each => world.outcome(each))).toEqual(['FAIL', 'PASS']);
  expect(world.evidence.json(world.row(sandbox).verdict!.evidenceKey).policy.name).toBe('sandbox');
});

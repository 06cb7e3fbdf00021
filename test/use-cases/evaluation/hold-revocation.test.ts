import { imageName, imageOf, repositoryOf, type ImageName } from '../../../src/core/image/image';
import { requestFor } from '../../../src/core/scanning/scan-request';
import { Seconds } from '../../../src/core/times';
import { LENIENT, World } from '../world';
import type { MemoryBrake } from '../world/brake';
import { storedImage } from '../world/zoo';

/** Every image that runs well fails at once: somebody requires a label that none has. */
const MISTAKE = {
  name: 'mistake',
  maxAgeHours: 72,
  rules: [
    { rule: 'secrets', action: 'deny' },
    { rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: true },
    { rule: 'required-labels', action: 'deny', labels: ['team.example/owner'] },
  ],
};
const RELEASE = {
  releaseId: '01JDG000000000000000000009',
  releasedBy: 'arn:aws:iam::000000000000:role/OnCall',
  justification: 'the label is required from today on',
  ticket: 'INC-1',
};

let world: World;
let brake: MemoryBrake;
let images: ImageName[];

/** Ten repositories, each with an image that is trusted, and reconcile has counted them. */
beforeEach(async () => {
  world = new World();
  world.signs = true;
  world.tells = true;
  brake = world.brakesAbove(20);
  world.publish(LENIENT);
  images = Array.from({ length: 10 }, (_, at) => world.has('clean', [], `team/app${at}`));
  for (const image of images) world.push(image, 'v1');
  await world.settle();
  world.pass(1);
  await world.reconcile();
});

async function mistake(): Promise<void> {
  world.publish(MISTAKE);
  world.pass(1);
  await world.reconcile();
}

const held = () => images.filter(image => world.row(image).held !== undefined);
const revoked = () => images.filter(image => world.row(image).revokedBy !== undefined);
const ended = (image: ImageName) =>
  world.endedHolds.filter(({ detail }) => detail.image === image).map(({ detail }) => detail);
const events = (image: ImageName, type: string) =>
  world.events(image).filter(({ detailType }) => detailType === type);

describe('rule 5.13, the brake (0044)', () => {
  test('lets the first revocations through, and holds the rest: the verdict is FAIL, and gates admit and say why', async () => {
    await mistake();
    expect([revoked(), held()].map(({ length }) => length)).toEqual([5, 5]);
    for (const image of revoked()) {
      expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'REVOKED' });
      expect(events(image, 'Image Revoked')).toHaveLength(1);
    }
    for (const image of held()) {
      expect(world.outcome(image)).toBe('FAIL');
      expect(world.decision(image)).toMatchObject({
        trusted: true,
        heldBecause: expect.stringMatching(/^more than 20 % of the trusted images failed policy/),
      });
      expect(events(image, 'Image Revocation Held')).toHaveLength(1);
      expect(events(image, 'Image Revoked')).toEqual([]);
      expect(ended(image)).toEqual([]);
    }
  });

  test('is one message for each pull', async () => {
    await mistake();
    expect(world.told.filter(({ subject }) => subject.includes('the brake holds'))).toHaveLength(1);
  });

  test('is off without the option', async () => {
    world.brake = undefined;
    await mistake();
    expect(revoked()).toHaveLength(10);
  });

  test('never holds what was not trusted, and not a secret or a critical vulnerability', async () => {
    const [secret, critical] = [world.has('secret-deleted-later'), world.has('fixable-critical')];
    for (const image of [secret, critical]) world.push(image, 'v1');
    await world.settle();
    await mistake();
    for (const image of [secret, critical]) {
      expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'REVOKED' });
    }
    const fresh = world.has('clean', [], 'team/fresh');
    world.push(fresh, 'v1');
    await world.settle();
    expect(world.decision(fresh)).toMatchObject({ trusted: false, reason: 'FAILED' });
  });

  test('forgets what it held when the policy is fixed', async () => {
    await mistake();
    const before = held();
    world.publish(LENIENT);
    world.pass(1);
    await world.reconcile();
    expect(held()).toEqual([]);
    for (const image of before) {
      expect(world.decision(image)).not.toHaveProperty('heldBecause');
      expect(world.decision(image)).toMatchObject({ trusted: true });
      expect(events(image, 'Image Revoked')).toEqual([]);
      expect(ended(image)).toEqual([expect.objectContaining({ outcome: 'PASS' })]);
      expect(world.row(image)).not.toHaveProperty('endedHold');
    }
  });

  test('released, revokes everything that it held, and holds nothing for a day', async () => {
    await mistake();
    const before = held();
    brake.release(RELEASE, world.now);
    await world.reconcile();
    for (const image of before) {
      expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'REVOKED' });
      expect(events(image, 'Image Revoked')).toHaveLength(1);
      const [hold] = events(image, 'Image Revocation Held');
      expect(hold).toMatchObject({ detail: { verdictId: ended(image)[0]!.verdictId } });
      expect(ended(image)).toEqual([expect.objectContaining({ outcome: 'FAIL' })]);
    }
    world.publish(LENIENT);
    world.pass(1);
    await world.reconcile();
    await mistake();
    expect(held()).toEqual([]);
  });

  test('ends by itself after a day, for gates at once, and then the images are revoked', async () => {
    await mistake();
    const before = held();
    world.now = new Date(Date.parse(brake.state.pulled!.at) + Seconds.brakeHolds * 1000);
    for (const image of before) {
      expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'FAILED' });
    }
    await world.reconcile();
    expect(held()).toEqual([]);
    for (const image of before) {
      expect(events(image, 'Image Revoked')).toHaveLength(1);
      expect(ended(image)).toEqual([expect.objectContaining({ outcome: 'FAIL' })]);
    }
  });

  test('holds no longer than the statement of the PASS', async () => {
    world.pass(60); // renewals were due, and did not run
    world.publish(MISTAKE);
    for (const image of images) world.results.put({ version: 1, image });
    brake.passed = {
      repositories: { other: { images: 10, at: world.now.toISOString() } },
    };
    await world.settle();
    expect(held()).toHaveLength(5);
    for (const image of held()) {
      const { held: hold, replaced } = world.row(image);
      expect(replaced?.outcome).toBe('PASS');
      expect(Date.parse(hold!.until)).toBeLessThan(world.now.getTime() + Seconds.brakeHolds * 1000);
    }
  });

  test('taken away by a deployment, revokes what it held', async () => {
    await mistake();
    world.brake = undefined;
    world.pass(1);
    await world.reconcile();
    expect(revoked()).toHaveLength(10);
  });

  test('a row of it that is lost, or counts that nobody has, hold nothing (rule 5.7, fail closed)', async () => {
    await mistake();
    brake.state = { failed: {}, counted: [] };
    world.pass(1);
    await world.reconcile();
    expect(revoked()).toHaveLength(10);
  });

  test.each(['ask', 'pulled', 'count', 'countPassed'] as const)(
    'an error of the brake (%s) keeps no FAIL out of the register, and holds nothing new (rule 5.7, fail closed)',
    async method => {
      brake[method] = async () => {
        throw new Error('throttled');
      };
      await mistake();
      for (const image of images) expect(world.outcome(image)).toBe('FAIL');
      const isBlind = method === 'ask' || method === 'count';
      if (isBlind) expect(revoked()).toHaveLength(10);
      expect(revoked().length + held().length).toBe(10);
      for (const image of revoked()) expect(world.decision(image)).toMatchObject({ trusted: false });
    },
  );

  test('without a count of the trusted images, every revocation goes through', async () => {
    brake.passed = { repositories: {} };
    world.publish(MISTAKE);
    for (const image of images) world.results.put({ version: 1, image });
    await world.settle();
    expect(revoked()).toHaveLength(10);
  });

  test.each([
    ['is held with its images', 'clean', 'linux-arm64', true],
    ['is revoked with one of them', 'clean-and-vulnerable.linux-arm64', 'linux-arm64', false],
  ])('an index %s', async (_, report, platform, isHeld) => {
    const index = world.has('clean-and-vulnerable', ['linux-amd64', platform], 'team/index');
    const child = imageName({
      ...imageOf(index),
      digest: storedImage(`clean-and-vulnerable.${platform}`).digest,
    });
    world.finds(child, report);
    world.push(index, 'v1');
    await world.settle();
    expect(world.decision(index)).toMatchObject({ trusted: true });
    world.publish(MISTAKE);
    for (const image of images) world.results.put({ version: 1, image });
    await world.settle();
    expect(brake.state.pulled).toBeDefined();
    await world.reconcile();
    expect(world.outcome(index)).toBe('FAIL');
    expect(world.row(child).held !== undefined).toBe(isHeld);
    expect(world.row(index).held !== undefined).toBe(isHeld);
    expect(world.decision(index)).toMatchObject({ trusted: isHeld });
  });

  test('an index that no longer knows of its image is revoked within the hour with it (rule 5.13, the brake)', async () => {
    const { index, child } = await heldIndex();
    const { digest } = imageOf(child);
    world.register.rows.set(child, { ...world.row(child), parents: [] }); // it is in too many others
    world.finds(child, 'clean-and-vulnerable.linux-arm64');
    world.requests.put(requestFor(child, digest, 'request', world.now));
    await world.settle();
    expect(world.decision(child)).toMatchObject({ trusted: false, reason: 'REVOKED' });
    expect(world.decision(index)).toMatchObject({ trusted: true, heldBecause: expect.any(String) });
    world.pass(1);
    await world.reconcile();
    expect(world.decision(index)).toMatchObject({ trusted: false, reason: 'REVOKED' });
  });

  test('an index and its images are one failure, and pass as an image each: the brake rather pulls late', async () => {
    const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64'], 'team/index');
    const { digest } = storedImage('clean-and-vulnerable.linux-arm64');
    world.finds(imageName({ ...imageOf(index), digest }), 'clean');
    world.push(index, 'v1');
    await world.settle();
    world.pass(1);
    await world.reconcile();
    expect(brake.passed.repositories[repositoryOf(index)]?.images).toBe(2);
    world.publish(MISTAKE);
    world.pass(1);
    await world.reconcile();
    expect(brake.state.failed[repositoryOf(index)]).toBe(1);
  });

  test('what a catalog says is exploited is never held, and revoked if the catalog comes later (rule 5.13, the brake)', async () => {
    const exposed = world.has('unfixed-only', [], 'team/exposed');
    world.push(exposed, 'v1');
    await world.settle();
    world.publish(MISTAKE);
    for (const image of images) world.results.put({ version: 1, image });
    await world.settle();
    expect(brake.state.pulled).toBeDefined();
    world.pass(1);
    await world.reconcile();
    const before = held();
    expect(world.row(exposed).held).toBeDefined();
    expect(world.decision(exposed)).toMatchObject({ trusted: true, heldBecause: expect.any(String) });

    const ids = ['CVE-2018-5709']; // high, and no version fixes it
    const exploited = { rule: 'exploited-vulnerabilities', action: 'warn', ids };
    world.publish({ ...MISTAKE, rules: [...MISTAKE.rules, exploited] });
    world.pass(1);
    await world.reconcile();
    expect(world.decision(exposed)).toMatchObject({ trusted: false, reason: 'REVOKED' });
    expect(held()).toEqual(before);
  });

  /** An index of which one image is clean in spite of its name: it is held with both. */
  async function heldIndex() {
    const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64'], 'team/index');
    const { digest } = storedImage('clean-and-vulnerable.linux-arm64');
    const child = imageName({ ...imageOf(index), digest });
    world.finds(child, 'clean');
    world.push(index, 'v1');
    await world.settle();
    world.publish(MISTAKE);
    for (const image of images) world.results.put({ version: 1, image });
    await world.settle();
    await world.reconcile();
    expect(world.row(index).held).toBeDefined();
    expect(world.row(child).held).toBeDefined();
    return { index, child };
  }

  test('crashes lose counts at most: each image that failed is held or revoked, and what is held was trusted', async () => {
    world.dies = true;
    world.interruptions.crashAtCalls(...Array.from({ length: 200 }, (_, at) => 11 * at + 5));
    await mistake();
    await world.reconcile();
    for (const image of held()) expect(world.row(image).statement).toBeDefined();
    expect([revoked().length + held().length, revoked().length >= 5]).toEqual([10, true]);
  });
});

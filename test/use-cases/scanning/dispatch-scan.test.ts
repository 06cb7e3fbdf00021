import { imageName, imageOf, type ImageName } from '../../../src/core/image/image';
import { ACCOUNT, pushed, World } from '../world';
import { storedImage } from '../world/zoo';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
});

describe('a busy service (rule 4.7, backpressure and dead letters)', () => {
  test('a busy CodeBuild sends the message back to the queue, and gives scan lease and slot back', async () => {
    world.builds.busy = true;

    world.push(image, 'v1');
    await world.settle({ minutes: 30 });

    expect(
      world.outcomes.every(
        outcome => 'deferSeconds' in outcome && outcome.why === 'CodeBuild takes no more builds now',
      ),
    ).toBe(true);
    expect(world.outcomes.length).toBeGreaterThan(10);
    expect(world.requests.messages).toHaveLength(1);
    expect(world.lost).toEqual([]);
    expect(world.row(image)).not.toHaveProperty('lease');
    expect(world.slotsTaken).toBe(0);

    world.builds.busy = false;
    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
    expect(world.buildsOf(image)).toBe(1);
  });

  test('a throttling CodeBuild does the same, and does not count as the number of builds that may run', async () => {
    world.builds.throttles = true;
    world.push(image, 'v1');
    await world.settle({ minutes: 10 });
    expect(world.outcomes).toContainEqual(expect.objectContaining({ why: 'CodeBuild throttles' }));
    expect(world.slotsTaken).toBe(0);
    expect(world.slots.row.measured).toBeUndefined();

    world.builds.throttles = false;
    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
    expect(world.buildsOf(image)).toBe(1);
  });

  test('a throttling registry sends the message back, and records no failed scan', async () => {
    world.registry.throttles = true;
    world.push(image, 'v1');
    await world.settle({ minutes: 10 });
    expect(world.row(image)).not.toHaveProperty('lastFailedScan');

    world.registry.throttles = false;
    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
  });

  test('rule 5.6, limits: more scans of one repository than allowed wait, scans of another do not', async () => {
    world.slots.limits.perRepository = 1;
    const second = world.has('fixable-critical', [], 'team/clean');
    const other = world.has('root');
    for (const each of [image, second, other]) world.push(each, 'v1');

    await world.settle({ minutes: 1 });
    expect([image, second, other].map(each => world.buildsOf(each))).toEqual([1, 0, 1]);

    await world.settle();
    expect([image, second, other].map(each => world.outcome(each))).toEqual(['PASS', 'FAIL', 'FAIL']);
    expect(world.slotsTaken).toBe(0);
  });

  test('a slot of a process that died is free again when no dispatch can still live', async () => {
    world.slots.limits.perRepository = 1;
    world.dies = true;
    world.push(image, 'v1');
    world.interruptions.crashAtCalls(4); // between slot and scan lease
    await world.settle({ minutes: 4 });
    expect(world.slotsTaken).toBe(1);
    expect(world.row(image)).not.toHaveProperty('lease');

    await world.settle();

    expect(world.outcome(image)).toBe('PASS');
    expect(world.buildsOf(image)).toBe(1);
  });
});

test('rule 4.7, backpressure and dead letters: what waits comes back later and later, 15 minutes apart at most', async () => {
  world.builds.busy = true;
  world.push(image, 'v1');
  await world.settle({ minutes: 600 });
  const waits = world.outcomes.map(outcome => ('deferSeconds' in outcome ? outcome.deferSeconds : 0));
  expect(waits.slice(0, 2)).toEqual([60, 60]);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(waits.at(-1)).toBe(450); // the least of 450 to 900
  expect(world.requests.messages).toHaveLength(1);
});

describe('rule 4.6, scan lease', () => {
  test("is there before the build is, and the build's id is in it after", async () => {
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });

    expect(world.row(image).lease).toMatchObject({
      scanSeq: 1,
      buildId: world.builds.builds[0]!.id,
      configDigest: storedImage('clean').manifest.config.digest,
    });
    expect(world.slotsTaken).toBe(1);
  });

  test('of a process that died before StartBuild is taken up with the same scan id', async () => {
    world.dies = true;
    world.push(image, 'v1');
    world.interruptions.crashAtCalls(6);
    await world.settle({ minutes: 1 });
    const { lease } = world.row(image);
    expect(lease).not.toHaveProperty('buildId');

    await world.settle();

    expect(world.row(image).verdict).toMatchObject({ outcome: 'PASS', scanId: lease?.scanId });
  });

  test('a message that meets a scan lease without a build waits, because nobody else may come back to it', async () => {
    world.push(image, 'v1');
    world.interruptions.crashAtCalls(6);
    await world.settle({ minutes: 0.9 });

    expect(world.outcomes.map(outcome => ('why' in outcome ? outcome.why : outcome.log))).toContainEqual(
      expect.stringMatching(/is about to start$/),
    );
    expect(world.requests.messages).toHaveLength(1);
  });

  test('whose build never came back is over with its lease: reconcile asks for a new scan with a new id', async () => {
    world.losesBuildEvents = true;
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    world.results.messages = []; // the follow-up is lost as well
    const { lease } = world.row(image);

    world.pass(0.5);
    await world.reconcile();
    expect(world.buildsOf(image)).toBe(1);

    world.pass(0.5);
    await world.reconcile();
    expect(world.buildsOf(image)).toBe(2);
    expect(world.row(image).verdict).toMatchObject({ outcome: 'PASS', scanSeq: 2 });
    expect(world.row(image).verdict?.scanId).not.toBe(lease?.scanId);
  });

  test('a conflict with another writer sends the message back at once', async () => {
    const save = world.register.save.bind(world.register);
    jest.spyOn(world.register, 'save').mockResolvedValueOnce(undefined).mockImplementation(save);

    world.push(image, 'v1');
    await world.settle({ minutes: 1 });

    expect(world.outcomes[0]).toMatchObject({ deferSeconds: 3, why: "the image's row changed in between" });
    expect(world.buildsOf(image)).toBe(1);
    expect(world.slotsTaken).toBe(1);
  });

  test('a tag that is written while the build starts does not keep its id out of the scan lease', async () => {
    world.push(image, 'v1');
    const start = world.builds.start.bind(world.builds);
    jest.spyOn(world.builds, 'start').mockImplementationOnce(async scan => {
      await world.register.save({ ...world.row(image), tags: ['v2', 'v1'] }, world.now);
      return start(scan);
    });
    await world.settle({ minutes: 1 });

    expect(world.row(image)).toMatchObject({
      lease: { buildId: world.builds.builds[0]!.id },
      tags: ['v2', 'v1'],
    });
  });
});

describe('what is not scanned', () => {
  test('an image of a repository that is not enrolled', async () => {
    world.enrolled = false;
    world.push(image, 'v1');
    await world.settle();
    expect(world.outcomes).toMatchObject([{ done: 'skipped: its repository is not enrolled' }]);
    expect(world.register.rows.size).toBe(0);
  });

  const REGION = /^skipped: it is in 000000000000\.eu-west-1, and only images of us-east-1 are scanned here$/;
  test.each<[string, object, (string | RegExp)[]]>([
    [
      'another account that is not enrolled',
      { account: '999999999999' },
      [/^skipped: its repository is not enrolled$/, /not enrolled$/, /^nothing to do$/, /^0 images without/],
    ],
    ['another region', { region: 'eu-west-1' }, [REGION, REGION, REGION, REGION]],
  ])('an image of %s, by a request or an event: it costs no build and no row', async (_, place, why) => {
    const elsewhere = imageName({ ...imageOf(image), ...place });
    world.ask(elsewhere, 'request');
    world.requests.put(pushed(elsewhere, world.now, 'v1'));
    world.results.put({ version: 1, image: elsewhere });
    world.repositories.put({ ...ACCOUNT, ...place, repository: 'team/clean' });
    await world.settle();
    expect(
      world.outcomes.map(outcome => 'done' in outcome && outcome.done.replace(/^team\/clean: /, '')),
    ).toEqual(why.map(each => expect.stringMatching(each) as unknown));
    expect(world.register.rows.size).toBe(0);
    expect(world.builds.builds).toEqual([]);
    expect(world.lost).toEqual([]);
  });

  test.each([
    ['layer-with-urls', /urls/],
    ['helm-chart', /not a container image/],
  ])('rule 5.1, hermetic scan: %s is a failed scan, once, and published once', async (name, why) => {
    image = world.has(name);
    for (let push = 0; push < 3; push++) world.push(image, `v${push}`);
    await world.settle();

    expect(world.row(image).lastFailedScan).toMatchObject({
      cause: 'UNSCANNABLE',
      count: 1,
      detail: expect.stringMatching(why),
    });
    expect(world.row(image).lastFailedScan).not.toHaveProperty('retryAt');
    expect(world.failures(image)).toEqual(['UNSCANNABLE']);
    expect(world.buildsOf(image)).toBe(0);
  });

  test('rule 4.1, messages are hints: pushed again later, it is tried again', async () => {
    image = world.has('helm-chart');
    world.push(image, 'v1');
    await world.settle();
    world.pass(1);
    world.push(image, 'v1');
    await world.settle();
    expect(world.row(image).lastFailedScan).toMatchObject({ count: 2 });
  });

  test.each([
    ['REGISTRY_DENIED', () => (world.registry.denies = true)],
    ['IMAGE_GONE', () => world.registry.pushed.splice(0)],
  ])(
    'rule 4.4, failed scans keep the verdict: %s is a failed scan with its cause',
    async (cause, happens) => {
      world.push(image, 'v1');
      happens();
      await world.settle();
      expect(world.row(image).lastFailedScan).toMatchObject({ cause });
      expect(world.failures(image)).toEqual([cause]);
    },
  );

  test('rule 4.6, scan lease: an old lease does not outlive a failure', async () => {
    world.losesBuildEvents = true;
    world.push(image, 'v1');
    await world.settle({ minutes: 1 });
    world.results.messages = [];
    world.registry.remove(world.registry.pushed[0]!.image);
    world.pass(1);
    await world.reconcile();

    expect(world.row(image)).toMatchObject({ lastFailedScan: { cause: 'IMAGE_GONE' } });
    expect(world.row(image)).not.toHaveProperty('lease');
    expect(world.row(image)).not.toHaveProperty('dueSk');
  });
});

describe('an untagged push (rule 4.8, indexes)', () => {
  test('waits two minutes, then is scanned if no index came', async () => {
    world.push(image);
    await world.settle({ minutes: 1.9 });
    expect(world.builds.builds).toHaveLength(0);
    expect(world.outcomes).toEqual([{ deferSeconds: 120, why: 'an untagged push waits for its index' }]);

    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
  });

  test('of a sender whose clock is wrong does not wait for ever', async () => {
    world.push(image);
    world.requests.messages.forEach(each =>
      Object.assign(each.body as object, { time: '9999-01-01T00:00:00Z' }),
    );
    await world.settle();
    expect(world.outcomes[0]).not.toHaveProperty('deferSeconds');
    expect(world.outcome(image)).toBe('PASS');
  });

  test('is skipped when its index got it scanned meanwhile', async () => {
    const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
    const child = index.replace(/sha256:.*/, storedImage('clean-and-vulnerable.linux-amd64').digest);
    world.push(child);
    world.push(index, 'v1');
    await world.settle();

    expect(world.buildsOf(child)).toBe(1);
    expect(world.outcomes).toContainEqual(
      expect.objectContaining({
        done: expect.stringMatching(/^skipped: (scan .* is under way|it has a verdict)$/),
      }),
    );
  });
});

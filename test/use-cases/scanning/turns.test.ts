import { hasScanEnded } from '../../../src/core/gates/may-end';
import { imageName, imageOf, type ImageName } from '../../../src/core/image/image';
import { sha256Of } from '../../../src/core/text/sha256';
import { ACCOUNT, World } from '../world';
import { storedImage } from '../world/zoo';

const OLD_IMAGES = 5000;
const REPOSITORIES = 50;
/** Two copies of a function, five messages each. */
const AT_ONCE = 10;
const CLEAN = storedImage('clean');

let world: World;

function has(name: string, number: number): ImageName {
  const repository = `${name}/${number % REPOSITORIES}`;
  const stored = { ...CLEAN, digest: `sha256:${sha256Of(`${name} ${number}`)}` };
  const image = imageName(world.registry.add({ ...ACCOUNT, repository }, stored));
  world.finds(image, 'clean');
  return image;
}

/** Old images, all of which are requested at once. */
async function enrol(count: number): Promise<ImageName[]> {
  const images = Array.from({ length: count }, (_, number) => has('old', number));
  for (const image of images) world.ask(image, 'enrolment');
  expect(world.background.messages).toHaveLength(count);
  return images;
}

/**
 * Each queue has its own consumer, so each gets some messages in every round. Builds end as soon as anybody
 * looks. The worst order: old images first, and in each queue the last message first.
 */
async function rounds(count: number): Promise<void> {
  const { background, repositories, requests, results, signing } = world;
  for (let at = 0; at < count; at++) {
    world.builds.endDue();
    let isIdle = true;
    for (const queue of [background, repositories, requests, results, signing]) {
      for (const message of queue.visible().slice(-AT_ONCE).reverse()) {
        isIdle = false;
        await world.deliver(queue, message);
      }
    }
    if (isIdle) world.now = new Date(world.now.getTime() + 1000);
  }
}

/** The images of all builds, in the order in which they were started. */
function started(): string[] {
  return world.builds.builds.map(
    build => build.environment.environmentVariables!.find(({ name }) => name === 'IMAGE')!.value,
  );
}

/** How many builds are started from now on before the build of this image is. */
async function buildsBefore(image: ImageName): Promise<number> {
  const before = started().length;
  for (let at = 0; at < 100 && !started().includes(image); at++) await rounds(1);
  return started().indexOf(image) - before;
}

beforeEach(() => {
  world = new World();
});

describe('rule 4.12, turns: with 5,000 old images enrolled at once', () => {
  test.each([2, 1])('and builds of no length, %i at a time, a push is next', async quota => {
    world.builds.seconds = 0;
    world.builds.quota = quota;
    await enrol(OLD_IMAGES);
    for (let push = 0; push < 8; push++) {
      await rounds(20 + push);
      const image = has('new', push);
      world.push(image, 'v1');
      expect(await buildsBefore(image)).toBeLessThanOrEqual(1);
    }
    expect(started().filter(image => imageOf(image).repository.startsWith('old/')).length).toBeGreaterThan(
      50,
    );
    expect(world.lost).toEqual([]);
  });
});

describe('rule 4.12, turns', () => {
  /** The order in which builds start, from now until all of these images are judged. */
  async function orderOf(...images: readonly ImageName[]): Promise<ImageName[]> {
    const before = started().length;
    await world.settle();
    expect(images.map(image => world.outcome(image))).toEqual(images.map(() => 'PASS'));
    return started()
      .slice(before)
      .filter(image => images.includes(image));
  }

  /** One scan at a time, and one is under way. */
  async function oneAtATime(): Promise<void> {
    world.builds.quota = 1;
    world.push(has('first', 0), 'v1');
    world.push(has('refused', 1), 'v1');
    await world.settle({ minutes: 1 });
    expect(started()).toHaveLength(1);
  }

  test('a deployment that waits is served first, then pushes by age, then renewals, then old images', async () => {
    await oneAtATime();
    const [enrolled, renewed, pushed, later, deployed] = ['a', 'b', 'c', 'd', 'e'].map(name =>
      has(name, 0),
    ) as [ImageName, ImageName, ImageName, ImageName, ImageName];
    world.ask(enrolled, 'enrolment');
    await world.settle({ minutes: 0.01 });
    world.ask(renewed, 'renewal');
    await world.settle({ minutes: 0.01 });
    world.push(pushed, 'v1');
    await world.settle({ minutes: 0.01 });
    world.push(later, 'v1');
    await world.settle({ minutes: 0.01 });
    world.ask(deployed, 'request');

    expect(await orderOf(enrolled, renewed, pushed, later, deployed)).toEqual([
      deployed,
      pushed,
      later,
      renewed,
      enrolled,
    ]);
  });

  test('who waits is sent again when a scan ends, and does not wait for its own next look', async () => {
    await oneAtATime();
    const image = has('pushed', 0);
    // it has waited for an hour, and comes back after minutes only
    const at = new Date(world.now.getTime() - 3_600_000).toISOString();
    world.requests.put({ version: 1, image, reason: 'push', at });
    await world.settle({ minutes: 0.1 });
    const [, waiting] = world.requests.messages;
    expect(waiting!.visibleAt.getTime() - world.now.getTime()).toBeGreaterThan(400_000);

    await world.settle({ minutes: 1.5 });
    expect(world.buildsOf(image)).toBe(1);
  });

  test('what waits asks ECR for nothing', async () => {
    await oneAtATime();
    const manifest = jest.spyOn(world.registry, 'manifest');
    world.push(has('pushed', 0), 'v1');
    await world.settle({ minutes: 0.2 });
    expect(world.outcomes).toContainEqual({
      deferSeconds: 5,
      why: '1 of 1 scans are under way; before it in line: 1',
    });
    expect(manifest).not.toHaveBeenCalled();
  });

  test('renewals leave a share of the scans to pushes, and use the rest', async () => {
    const renewed = Array.from({ length: 20 }, (_, number) => has('renewed', number));
    for (const image of renewed) world.ask(image, 'renewal');
    await world.settle({ minutes: 1 });
    expect(started()).toHaveLength(7);

    const pushed = Array.from({ length: 3 }, (_, number) => has('pushed', number));
    for (const image of pushed) world.push(image, 'v1');
    await world.settle({ minutes: 0.1 });
    expect(started().slice(7)).toEqual(pushed);
    await orderOf(...renewed, ...pushed);
  });

  test('pushes use all scans where nothing else waits', async () => {
    for (let number = 0; number < 12; number++) world.push(has('pushed', number), 'v1');
    await world.settle({ minutes: 1 });
    expect(started()).toHaveLength(10);
    await world.settle();
    expect(started()).toHaveLength(12);
  });

  test('a repository that has all its scans under way holds up no other one', async () => {
    for (let number = 0; number < 500; number += REPOSITORIES) world.push(has('busy', number), 'v1');
    await world.settle({ minutes: 0.5 });
    expect(started()).toHaveLength(5);
    const other = has('other', 0);
    world.ask(other, 'renewal');
    await world.settle({ minutes: 0.01 });
    expect(started().at(-1)).toBe(other);
  });

  test('the retry of a push is as urgent as the push, the retry of a renewal is not', async () => {
    const [pushed, renewed] = [has('pushed', 0), has('renewed', 0)];
    for (const image of [pushed, renewed]) world.finds(image, { status: 'FAULT' });
    world.push(pushed, 'v1');
    world.ask(renewed, 'renewal');
    await world.settle({ minutes: 2 });
    expect(world.row(pushed).lastFailedScan).toMatchObject({ priority: 'push', count: 1 });
    expect(world.requests.messages.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ image: pushed, reason: 'retry', priority: 'push' }),
    );
    expect(world.background.messages.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ image: renewed, reason: 'retry' }),
    );
  });

  test('a deployment that finds a renewal under way makes its retry urgent', async () => {
    const image = has('renewed', 0);
    world.finds(image, { status: 'FAULT' });
    world.ask(image, 'renewal');
    await world.settle({ minutes: 1 });
    world.ask(image, 'request');
    await world.settle({ minutes: 2 });
    expect(world.row(image).lastFailedScan).toMatchObject({ priority: 'request' });
    expect(world.requests.messages.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ image, reason: 'retry', priority: 'request' }),
    );
  });

  test('the images of an index are as urgent as the index', async () => {
    const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
    world.ask(index, 'request');
    await world.settle({ minutes: 0.1 });
    expect(Object.values(world.slots.row.scans).map(({ leavesShare }) => leavesShare)).toEqual([
      false,
      false,
    ]);
  });

  test('where CodeBuild keeps builds waiting instead, fewer are started, and a push waits for one build at most', async () => {
    world.builds.quota = 2;
    world.builds.queues = true;
    await enrol(100);
    for (let minute = 0; minute < 12; minute += 0.5) await world.settle({ minutes: 0.5 });
    for (let push = 0; push < 5; push++) {
      const image = has('new', push);
      world.push(image, 'v1');
      // another build may be under way that is longer than none, and then its own
      await world.settle({ minutes: 3.1 });
      expect(world.outcome(image)).toBe('PASS');
    }
  });

  test('nobody waits for ever: all old images are scanned in the end, between the pushes', async () => {
    world.builds.quota = 2;
    const old = await enrol(60);
    for (let push = 0; push < 20; push++) {
      world.push(has('new', push), 'v1');
      await world.settle({ minutes: 3 });
    }
    await world.settle();
    expect(old.map(image => world.outcome(image))).toEqual(old.map(() => 'PASS'));
    expect(world.lost).toEqual([]);
    expect(world.slotsTaken).toBe(0);
  });
});

describe('an account that may run no builds at all', () => {
  test('is a failed scan that names the quota, told at once and once, and tried again each hour', async () => {
    world.builds.quota = 0;
    world.tells = true;
    const images = Array.from({ length: 5 }, (_, number) => has('pushed', number * REPOSITORIES));
    for (const image of images) world.push(image, 'v1');
    await world.settle({ minutes: 30 });

    for (const image of images) {
      expect(world.row(image)).not.toHaveProperty('lease');
      expect(world.row(image).lastFailedScan).toMatchObject({
        cause: 'BUILD_QUOTA_ZERO',
        detail:
          'CodeBuild takes no builds of this account: Cannot have more than 0 builds in queue for the account',
      });
      expect(world.failures(image)).toEqual(['BUILD_QUOTA_ZERO']);
    }
    expect(world.told.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^ERROR BUILD_QUOTA_ZERO: pushed\/0/),
    ]);
    expect(world.told[0]!.body).toContain('raise the quota of CodeBuild for concurrently running builds');
    expect(world.slotsTaken).toBe(0);
    expect(world.requests.messages).toEqual([]);

    world.pass(1);
    await world.reconcile();
    expect(world.told).toHaveLength(1);
    expect(world.row(images[0]!).lastFailedScan).toMatchObject({ count: 2 });

    world.builds.quota = 1;
    world.pass(1);
    await world.reconcile();
    expect(images.map(image => world.outcome(image))).toEqual(images.map(() => 'PASS'));
  });

  test('a waiting deployment is refused at once', async () => {
    world.builds.quota = 0;
    const image = has('deployed', 0);
    const requestedAt = world.now;
    world.ask(image, 'request');
    await world.settle({ minutes: 1 });
    expect(hasScanEnded(world.row(image), undefined, { at: requestedAt, now: world.now })).toBe(true);
  });
});

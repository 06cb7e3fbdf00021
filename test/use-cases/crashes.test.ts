import { LENIENT, STANDARD, World } from './world';
import { storedImage } from './world/zoo';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';

interface Story {
  readonly ends: {
    readonly outcome?: 'PASS' | 'FAIL';
    readonly failedScan?: string;
    readonly verdicts: readonly string[];
  };
  arrange(world: World): Promise<ImageName>;
  /** Interrupted between any two calls of ports. */
  act(world: World, image: ImageName): Promise<void>;
}

const STORIES: Record<string, Story> = {
  'a push that passes': {
    arrange: async world => world.has('clean'),
    act: async (world, image) => {
      world.push(image, 'v1');
      await world.settle();
    },
    ends: { outcome: 'PASS', verdicts: ['PASS changed'] },
  },
  'a push that fails': {
    arrange: async world => world.has('fixable-critical'),
    act: async (world, image) => {
      world.push(image, 'v1');
      await world.settle();
    },
    ends: { outcome: 'FAIL', verdicts: ['FAIL changed'] },
  },
  'a push that cannot be scanned': {
    arrange: async world => world.has('layer-with-urls'),
    act: async (world, image) => {
      world.push(image, 'v1');
      await world.settle();
    },
    ends: { failedScan: 'UNSCANNABLE', verdicts: [] },
  },
  'an index of two images, one of them vulnerable': {
    arrange: async world => world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']),
    act: async (world, image) => {
      world.push(image, 'v1');
      await world.settle();
    },
    ends: { outcome: 'FAIL', verdicts: ['FAIL changed'] },
  },
  'a child of an index that fails later': {
    arrange: async world => {
      const image = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
      world.finds(childOf(image), 'clean');
      world.push(image, 'v1');
      await world.settle();
      world.finds(childOf(image), 'fixable-critical');
      world.pass(25);
      return image;
    },
    act: async (world, image) => {
      world.ask(childOf(image), 'renewal');
      await world.settle();
    },
    ends: { outcome: 'FAIL', verdicts: ['PASS changed', 'FAIL changed'] },
  },
  'a scan that is throttled, then retried': {
    arrange: async world => {
      const image = world.has('clean');
      world.finds(image, { unread: { cause: 'REGISTRY_THROTTLED', detail: 'the registry answers 429' } });
      return image;
    },
    act: async (world, image) => {
      world.push(image, 'v1');
      await world.settle({ minutes: 3 });
      world.finds(image, 'clean');
      await world.settle();
    },
    ends: { outcome: 'PASS', verdicts: ['PASS changed'] },
  },
  'a renewal that finds something new': {
    arrange: async world => {
      const image = world.has('clean');
      world.push(image, 'v1');
      await world.settle();
      world.finds(image, 'fixable-critical');
      world.pass(25);
      return image;
    },
    act: async (world, image) => {
      world.ask(image, 'renewal');
      await world.settle();
    },
    ends: { outcome: 'FAIL', verdicts: ['PASS changed', 'FAIL changed'] },
  },
  'a policy that is loosened': {
    arrange: async world => {
      const image = world.has('fixable-critical');
      world.push(image, 'v1');
      await world.settle();
      world.publish(LENIENT);
      return image;
    },
    act: async (world, image) => {
      world.results.put({ version: 1, image });
      await world.settle();
    },
    ends: { outcome: 'PASS', verdicts: ['FAIL changed', 'PASS changed'] },
  },
  'a policy that is tightened, of an index': {
    arrange: async world => {
      world.publish(LENIENT);
      const image = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
      world.push(image, 'v1');
      await world.settle();
      world.publish(STANDARD);
      return image;
    },
    act: async world => {
      for (const pk of world.register.rows.keys()) world.results.put({ version: 1, image: pk });
      await world.settle();
    },
    ends: { outcome: 'FAIL', verdicts: ['PASS changed', 'FAIL changed'] },
  },
};

function childOf(index: ImageName): ImageName {
  return imageName(sibling(imageOf(index), storedImage('clean-and-vulnerable.linux-arm64').digest));
}

/** Every place between two calls of ports at which the story can be interrupted. */
async function callsOf(story: Story): Promise<number> {
  const world = new World();
  const image = await story.arrange(world);
  world.interruptions.crashAtCalls();
  await story.act(world, image);
  return world.interruptions.calls;
}

describe.each(Object.keys(STORIES))('rules 4.1 to 4.6: %s', name => {
  const story = STORIES[name]!;

  test.each([
    ['an exception', false],
    ['the death of the process', true],
  ])('ends the same after %s between any two calls', async (_cause, dies) => {
    const calls = await callsOf(story);
    expect(calls).toBeGreaterThan(5);
    for (let at = 1; at <= calls; at++) {
      const world = new World();
      const image = await story.arrange(world);
      world.dies = dies;
      world.interruptions.crashAtCalls(at);

      await story.act(world, image);

      const { row, told, ...rest } = stateOf(world, image);
      expect({ at, ...rest }).toEqual({ at, ...story.ends, lost: [], claims: 0, flags: 0, slots: 0 });
      expect(told).toBe(row);
    }
  });
});

function stateOf(world: World, image: ImageName) {
  const rows = [...world.register.rows.values()];
  const row = world.row(image);
  const last = world.events(image).at(-1);
  world.pass(1); // slots that nobody released end with their lease
  return {
    ...(row.verdict !== undefined && { outcome: row.verdict.outcome }),
    ...(row.lastFailedScan !== undefined && { failedScan: row.lastFailedScan.cause }),
    verdicts: world.verdicts(image).filter(each => each.endsWith('changed')),
    lost: world.lost,
    claims: rows.filter(({ lease }) => lease !== undefined).length,
    flags: rows.filter(({ outbox }) => outbox !== undefined).length,
    slots: world.slotsTaken,
    row: row.verdict?.verdictId ?? row.lastFailedScan?.at,
    told: last?.detailType === 'Image Scan Failed' ? last.detail.at : last?.detail.verdictId,
  };
}

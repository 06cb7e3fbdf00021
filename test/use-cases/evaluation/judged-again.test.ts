import type { ImageName } from '../../../src/core/image/image';
import { LENIENT, STANDARD, World } from '../world';
import type { Run } from '../world/code-build';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  world.signs = true;
});

async function hours(count: number, each: () => void = () => undefined): Promise<void> {
  const from = world.now.getTime();
  for (let hour = 1; hour <= count; hour++) {
    world.now = new Date(Math.max(world.now.getTime(), from + hour * 3_600_000));
    each();
    await world.reconcile();
  }
}

describe('rule 4.9, re-evaluation: a stored report and scans that fail', () => {
  test.each<[string, Run]>([
    ['for good', { unread: { cause: 'REGISTRY_DENIED', detail: 'the registry answers 403' } }],
    ['for now', { status: 'FAILED' }],
  ])('%s: another policy is asked once, and starts no more scans than there would be', async (_, run) => {
    const counted: number[][] = [];
    for (const isChanged of [false, true]) {
      world = new World();
      world.publish(LENIENT);
      image = world.has('clean', [], 'team/app');
      world.push(image, 'v1');
      await world.settle();
      world.finds(image, run);
      await hours(96);
      if (isChanged) world.publish({ ...LENIENT, name: 'other' });
      const [builds, failures] = [world.buildsOf(image), world.failures(image).length];
      await hours(72);
      counted.push([world.buildsOf(image) - builds, world.failures(image).length - failures]);
    }
    const [before, after] = counted as [number[], number[]];
    expect(after[0]! - before[0]!).toBeLessThanOrEqual(3); // the retries of one failed scan
    expect(after[1]! - before[1]!).toBeLessThanOrEqual(4);
  });

  test('that work again: what would pass is scanned, however many failed before', async () => {
    world.publish(STANDARD);
    image = world.has('fixable-critical', [], 'team/app');
    world.push(image, 'v1');
    await world.settle();
    await hours(80);
    world.finds(image, { status: 'FAILED' });
    world.publish(LENIENT);
    await hours(3);
    expect(world.outcome(image)).toBe('FAIL');

    world.finds(image, 'fixable-critical');
    world.publish({ ...LENIENT, name: 'later' });
    await hours(3);
    expect(world.outcome(image)).toBe('PASS');
  });

  test('a PASS that a waiver ended, and nobody could judge then, is renewed as any other', async () => {
    world.publish(STANDARD);
    world.waive({
      id: 'CVE-2021-44906',
      repositories: ['team/*'],
      owner: 'alice@example.com',
      reason: 'not reachable from any input',
      expires: '2026-11-26',
    });
    image = world.has('fixable-critical', [], 'team/app');
    world.builds.databaseUpdatedAt = '2026-11-25T00:00:00Z';
    world.push(image, 'v1');
    await world.settle();
    world.publish({
      ...LENIENT,
      rules: [...LENIENT.rules, { rule: 'database-age', action: 'deny', maxHours: 2 }],
    });
    await hours(60); // the mirror stands still
    await hours(48, () => {
      world.builds.databaseUpdatedAt = world.now.toISOString();
    });
    expect(world.decision(image).trusted).toBe(true);
  });
});

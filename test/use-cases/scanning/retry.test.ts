import type { ImageName } from '../../../src/core/image/image';
import { World } from '../world';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
});

describe('retries (rule 4.4, failed scans keep the verdict)', () => {
  test('a retry that comes twice, or early, does not use up the next one', async () => {
    world.finds(image, { unread: { cause: 'REGISTRY_UNAVAILABLE', detail: 'connection refused' } });
    world.push(image, 'v1');
    await world.settle({ minutes: 2 });
    world.ask(image, 'retry');
    world.ask(image, 'retry');
    await world.settle({ minutes: 5 });
    world.ask(image, 'retry');
    await world.settle({ minutes: 2 });

    expect(world.row(image).lastFailedScan).toMatchObject({ cause: 'REGISTRY_UNAVAILABLE', count: 2 });
    expect(world.buildsOf(image)).toBe(2);
  });

  test('end after the third, and the event says that there is no further one', async () => {
    world.finds(image, { unread: { cause: 'REGISTRY_UNAVAILABLE', detail: 'connection refused' } });
    world.push(image, 'v1');
    await world.settle();
    for (let hour = 0; hour < 5; hour++) {
      world.pass(1);
      await world.reconcile();
    }

    expect(world.buildsOf(image)).toBe(4);
    expect(world.row(image).lastFailedScan).toMatchObject({ count: 4 });
    expect(world.row(image).lastFailedScan).not.toHaveProperty('retryAt');
    expect(world.failures(image)).toHaveLength(4);
  });
});

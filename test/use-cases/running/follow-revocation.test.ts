import { asText, type AlertMessage } from '../../../src/core/alerts/message';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { Inventory } from '../../../src/core/running/inventory';
import { followRevocation } from '../../../use-cases/running/follow-revocation';
import { REGISTRY } from '../../core/running/events';
import { World } from '../world';

let world: World;
let sent: Map<string, AlertMessage>;
let inventory: Inventory;

beforeEach(() => {
  world = new World();
  world.signs = true;
  sent = new Map();
  inventory = { running: [], unknown: [] };
});

const follow = (image: ImageName) =>
  followRevocation(image, {
    register: world.register,
    inventory: async () => inventory,
    alert: async (key, message) => {
      if (!sent.has(key)) sent.set(key, message);
    },
  });
const texts = () => [...sent.values()].map(asText);

async function judged(): Promise<ImageName> {
  const image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  const { repository, digest } = imageOf(image);
  const reference = `${REGISTRY}/${repository}:v1`;
  inventory = { running: [{ kind: 'ECS_TASK', arn: 'task/1', image: { reference, digest } }], unknown: [] };
  return image;
}

async function revoke(image: ImageName): Promise<void> {
  world.finds(image, 'fixable-critical');
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
}

test('the team is notified once where a revoked image runs, and why it is refused', async () => {
  const image = await judged();
  await revoke(image);
  expect(await follow(image)).toEqual({ done: 'runs in 1 places', isRevoked: true });
  await follow(image);
  expect(texts()).toEqual([expect.stringMatching(/CVE-.*runs in: task task\/1/s)]);
});

test('rule 4.1, messages are hints: a trusted image is not looked up, whatever the message says', async () => {
  const image = await judged();
  expect(await follow(image)).toEqual({ done: 'it is not revoked any more' });
  expect(texts()).toEqual([]);
});

test('an image that never was trusted was not revoked', async () => {
  const image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  expect(await follow(image)).toEqual({ done: 'it is not revoked any more' });
});

test('a lookup that failed is an alert, and not silence', async () => {
  const image = await judged();
  await revoke(image);
  inventory = { running: [], unknown: ['the functions could not be looked up: AccessDenied'] };
  expect((await follow(image)).done).toBe('runs in 0 places, and 1 lookups failed');
  expect(texts()).toEqual([expect.stringMatching(/not known where it runs/)]);
});

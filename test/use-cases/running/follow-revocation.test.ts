import { asText, type AlertMessage } from '../../../src/core/alerts/message';
import type { LocatedEvent } from '../../../src/core/events/revocation-events';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { Inventory } from '../../../src/core/running/inventory';
import { followRevocation } from '../../../use-cases/running/follow-revocation';
import { REGISTRY } from '../../core/running/events';
import { World } from '../world';

let world: World;
let sent: Map<string, AlertMessage>;
let inventory: Inventory;
let events: LocatedEvent[];
let counted: Set<string>;
let importingPlaces: () => Promise<readonly string[]>;

beforeEach(() => {
  world = new World();
  world.signs = true;
  sent = new Map();
  events = [];
  counted = new Set();
  importingPlaces = async () => [];
  inventory = { running: [], unknown: [] };
});

const follow = (image: ImageName) =>
  followRevocation(image, {
    register: world.register,
    inventory: async () => inventory,
    importingPlaces,
    events: { publish: async event => void events.push(event) },
    alert: async (key, message) => {
      if (!sent.has(key)) sent.set(key, message);
    },
    count: async key => void counted.add(key),
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
  expect(await follow(image)).toBe('runs in 1 places');
  await follow(image);
  expect(texts()).toEqual([expect.stringMatching(/CVE-.*runs in: task task\/1/s)]);
});

test.each([
  [
    async () => ['111122223333.eu-west-1'],
    'not looked up: 111122223333.eu-west-1, where apps import this trust',
  ],
  [
    () => Promise.reject(new Error('throttled')),
    'not looked up: where apps import this trust: Error: throttled',
  ],
])(
  'where other accounts import the trust, nobody knows what runs there, and that is said',
  async (places, line) => {
    const image = await judged();
    inventory = { running: [], unknown: [] };
    importingPlaces = places;
    await revoke(image);
    expect(await follow(image)).toBe('runs in 0 places, and in 1 nobody looked');
    expect(texts()).toEqual([expect.stringContaining(line)]);
    expect(texts()[0]).toContain('not known where it runs');
  },
);

test('a revocation is counted once, however often its message comes, and the next one of the image again', async () => {
  const image = await judged();
  await revoke(image);
  const first = world.row(image).revokedBy;
  await follow(image);
  await follow(image);
  expect([...counted]).toEqual([`${image}|${first}`]);

  world.finds(image, 'clean');
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
  await follow(image);
  expect(counted.size).toBe(1);

  await revoke(image);
  await follow(image);
  expect([...counted]).toEqual([`${image}|${first}`, `${image}|${world.row(image).revokedBy}`]);
});

test('a revocation counts also if nobody can say where the image runs', async () => {
  const image = await judged();
  await revoke(image);
  const refuses = { alert: async () => undefined, events: { publish: async () => undefined } };
  const context = {
    ...refuses,
    register: world.register,
    inventory: () => Promise.reject(new Error('throttled')),
    importingPlaces,
    count: async (key: string) => void counted.add(key),
  };
  await expect(followRevocation(image, context)).rejects.toThrow('throttled');
  expect(counted.size).toBe(1);
});

test('an event says where it runs, for programs, and "nowhere" is said too', async () => {
  const image = await judged();
  await revoke(image);
  await follow(image);
  inventory = { running: [], unknown: [] };
  await follow(image);
  expect(events.map(({ detail }) => detail)).toMatchObject([
    {
      image,
      verdictId: world.row(image).revokedBy,
      places: [{ kind: 'ECS_TASK', arn: 'task/1', by: 'REPORTED' }],
      placeCount: 1,
      unknown: [],
    },
    { places: [], placeCount: 0, unknownCount: 0 },
  ]);
  expect(texts()).toHaveLength(1);
});

test('the alert is sent before the event, which is published again at each retry', async () => {
  const image = await judged();
  await revoke(image);
  const down = new Error('the bus is down');
  const context = {
    register: world.register,
    inventory: async () => inventory,
    importingPlaces,
    events: { publish: async () => Promise.reject(down) },
    alert: async (key: string, message: AlertMessage) => void sent.set(key, message),
    count: async (key: string) => void counted.add(key),
  };
  await expect(followRevocation(image, context)).rejects.toBe(down);
  expect(texts()).toHaveLength(1);
});

test('rule 4.1, messages are hints: a trusted image is not looked up, whatever the message says', async () => {
  const image = await judged();
  expect(await follow(image)).toBe('it is not revoked any more');
  expect(texts()).toEqual([]);
  expect(events).toEqual([]);
});

test('an image that never was trusted was not revoked', async () => {
  const image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  expect(await follow(image)).toBe('it is not revoked any more');
});

test('rule 5.12, watchers: a lookup that failed is an alert, and not silence', async () => {
  const image = await judged();
  await revoke(image);
  inventory = { running: [], unknown: ['the functions could not be looked up: AccessDenied'] };
  expect(await follow(image)).toBe('runs in 0 places, and in 1 nobody looked');
  expect(texts()).toEqual([expect.stringMatching(/not known where it runs/)]);
  expect(events[0]!.detail).toMatchObject({ places: [], placeCount: 0, unknownCount: 1 });
});

import { asText, type AlertMessage } from '../../../src/core/alerts/message';
import type { ArchivedEvent, RestoredEvent } from '../../../src/core/events/revocation-events';
import { imageName, imageOf, sibling, type ImageName } from '../../../src/core/image/image';
import type { Inventory } from '../../../src/core/running/inventory';
import {
  archiveRefused,
  restoreArchived,
  type ArchiveContext,
} from '../../../use-cases/revocation/archive-images';
import { REGISTRY } from '../../core/running/events';
import { LENIENT, STANDARD, World } from '../world';
import { storedImage } from '../world/zoo';

const DAY = 86_400;

let world: World;
let inventory: Inventory;
let events: (ArchivedEvent | RestoredEvent)[];
let alerts: Map<string, AlertMessage>;

beforeEach(() => {
  world = new World();
  world.signs = true;
  inventory = { running: [], unknown: [] };
  events = [];
  alerts = new Map();
});

const context = (changed: Partial<ArchiveContext> = {}): ArchiveContext => ({
  register: world.register,
  registry: world.registry,
  events: { publish: async event => void events.push(event) },
  graceSeconds: 7 * DAY,
  imagesInUse: 'KEEP',
  now: world.now,
  inventory: async () => inventory,
  alert: async (key, message) => {
    if (!alerts.has(key)) alerts.set(key, message);
  },
  ...changed,
});
const run = (changed: Partial<ArchiveContext> = {}) => archiveRefused(context(changed));
const isArchived = (image: ImageName) => world.registry.isArchived(imageOf(image));
const texts = () => [...alerts.values()].map(asText);

async function refused(name = 'fixable-critical'): Promise<ImageName> {
  const image = world.has(name);
  world.push(image, 'v1');
  await world.settle();
  expect(world.outcome(image)).toBe('FAIL');
  return image;
}

function running(image: ImageName, digest = imageOf(image).digest): Inventory {
  const reference = `${REGISTRY}/${imageOf(image).repository}:v1`;
  return { running: [{ kind: 'ECS_TASK', arn: 'task/1', image: { reference, digest } }], unknown: [] };
}

test('an image that is refused for the grace period is archived, once, and the event says so', async () => {
  const image = await refused();
  const since = world.row(image).verdict!.evaluatedAt;
  world.pass(6 * 24);
  expect(await run()).toEqual({ archived: 0, kept: [] });
  world.pass(25);
  expect(await run()).toEqual({ archived: 1, kept: [] });
  expect(isArchived(image)).toBe(true);
  expect(await run()).toEqual({ archived: 0, kept: [] });
  expect(events).toEqual([
    {
      detailType: 'Image Archived',
      detail: expect.objectContaining({
        image,
        tags: ['v1'],
        verdictId: world.row(image).verdict!.verdictId,
        refusedSince: since,
      }) as object,
    },
  ]);
});

describe('ERROR is no verdict, and archives nothing', () => {
  test('an image that never got a verdict', async () => {
    const image = world.has('missing-blob');
    world.push(image, 'v1');
    await world.settle();
    expect(world.outcome(image)).toBeUndefined();
    world.pass(30 * 24);
    expect(await run()).toEqual({ archived: 0, kept: [] });
  });

  test('an image that passed, whose PASS has expired since', async () => {
    const image = world.has('clean');
    world.push(image, 'v1');
    await world.settle();
    world.pass(30 * 24);
    expect(await run()).toEqual({ archived: 0, kept: [] });
    expect(isArchived(image)).toBe(false);
  });
});

test('what a brake holds has its statement still, and is not archived', async () => {
  const image = await refused();
  const statement = { verdictId: world.row(image).verdict!.verdictId, envelope: ENVELOPE };
  world.register.rows.set(image, { ...world.row(image), statement });
  world.pass(30 * 24);
  expect(await run()).toEqual({ archived: 0, kept: [] });
});

const ENVELOPE = {
  payloadType: 'application/vnd.trusted-images.statement+json' as const,
  payload: 'AAAA',
  signatures: [{ keyid: '', sig: 'AAAA' }],
};

test('the grace period begins again when an image passed in between, and not at each FAIL', async () => {
  world.publish(LENIENT);
  const image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  const judged = async (policy: object) => {
    world.publish(policy);
    await world.reconcile();
  };
  world.pass(10);
  await judged(STANDARD);
  expect(world.outcome(image)).toBe('FAIL');
  const since = world.row(image).refusedSince;
  expect(since).toBe(world.row(image).verdict!.evaluatedAt);
  world.pass(10);
  await judged({ ...STANDARD, name: 'another' });
  expect(world.row(image).verdict!.evaluatedAt).not.toBe(since);
  expect(world.row(image).refusedSince).toBe(since);
  await judged(LENIENT);
  expect(world.row(image)).not.toHaveProperty('refusedSince');
});

describe('an image in use is not archived, and the alert says why', () => {
  let image: ImageName;
  beforeEach(async () => {
    image = await refused();
    world.pass(8 * 24);
  });

  const expectKept = async (why: RegExp) => {
    const { archived, kept } = await run();
    expect({ archived, kept }).toEqual({
      archived: 0,
      kept: [{ image, why: expect.stringMatching(why) as string }],
    });
    expect(isArchived(image)).toBe(false);
    expect(texts()).toEqual([expect.stringMatching(/^1 refused image can still be pulled/)]);
  };

  test('it runs', async () => {
    inventory = running(image);
    await expectKept(/^it runs, or may run, in task\/1/);
  });

  test('it may run: only a tag of its repository is known', async () => {
    const reference = `${REGISTRY}/${imageOf(image).repository}:v1`;
    inventory = { running: [{ kind: 'ECS_SERVICE', arn: 'service/web', image: { reference } }], unknown: [] };
    await expectKept(/^it runs, or may run, in service\/web/);
  });

  test('it is not known what runs', async () => {
    inventory = {
      running: [],
      unknown: ['the functions of AWS Lambda could not be looked up: AccessDenied'],
    };
    await expectKept(/^it is not known what runs: the functions/);
  });

  test('somebody pulled it since, by a way that the inventory does not see', async () => {
    world.registry.pull(image);
    await expectKept(/^it was pulled at .*, after it was refused/);
  });

  test('the same reasons are told once, and others again', async () => {
    inventory = running(image);
    await run();
    await run();
    expect(alerts.size).toBe(1);
    inventory = { running: [], unknown: ['no answer'] };
    await run();
    expect(alerts.size).toBe(2);
  });

  test('unless that was asked for', async () => {
    inventory = running(image);
    const neverAsked = () => Promise.reject(new Error('nobody lists what runs'));
    expect(await run({ imagesInUse: 'ARCHIVE', inventory: neverAsked })).toEqual({ archived: 1, kept: [] });
  });
});

describe('an index and its images', () => {
  let index: ImageName;
  const child = (platform: string) =>
    imageName(sibling(imageOf(index), storedImage(`clean-and-vulnerable.${platform}`).digest));

  beforeEach(async () => {
    index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
    world.push(index, 'v1');
    await world.settle();
    world.pass(8 * 24);
  });

  test('each goes by its own verdict, the index first: an image that passes stays', async () => {
    const outcomes = ['linux-amd64', 'linux-arm64'].map(platform => world.outcome(child(platform)));
    expect(outcomes.sort()).toEqual(['FAIL', 'PASS']);
    expect((await run()).archived).toBe(2);
    expect(events[0]!.detail.image).toBe(index);
    const archived = ['linux-amd64', 'linux-arm64'].map(platform => isArchived(child(platform)));
    expect(archived.sort()).toEqual([false, true]);
  });

  test('an index is in use if one of its images is, and an image if its index is', async () => {
    inventory = running(index, imageOf(child('linux-amd64')).digest);
    expect((await run()).kept.map(({ image }) => image)).toContain(index);
    inventory = running(index);
    expect((await run()).archived).toBe(0);
  });
});

test('one that cannot be archived keeps none of the others, and is told', async () => {
  const [one, other] = [await refused(), await refused('root')];
  world.pass(8 * 24);
  const archive = async (image: ImageName) => {
    if (image === one) throw Object.assign(new Error('not now'), { name: 'ServerException' });
    return world.registry.archive(image);
  };
  const registry = {
    look: world.registry.look.bind(world.registry),
    archive,
    restore: async () => undefined,
  };
  expect(await run({ registry })).toEqual({
    archived: 1,
    kept: [{ image: one, why: 'ServerException: not now' }],
  });
  expect(isArchived(other)).toBe(true);
});

describe('an archived image', () => {
  let image: ImageName;
  beforeEach(async () => {
    image = await refused();
    world.pass(8 * 24);
    await run();
    expect(isArchived(image)).toBe(true);
    await world.reconcile();
  });

  const restore = () => restoreArchived(image, context());

  test('cannot be pulled, and is not taken for deleted', async () => {
    expect(await world.registry.manifest(imageOf(image))).toMatchObject({ error: { problem: 'not-found' } });
    expect(world.failures(image)).toEqual([]);
  });

  test('that would pass now is restored, scanned again, signed and trusted', async () => {
    world.publish(LENIENT);
    await world.reconcile();
    expect(world.failures(image)).toEqual(['REPORT_OUTDATED', 'IMAGE_GONE']);
    expect(await restore()).toEqual({ done: 'it is being restored', restored: true });
    expect(await restore()).toEqual({ done: 'not restored: it is not archived' });
    expect(events.at(-1)).toMatchObject({
      detailType: 'Image Restored',
      detail: { image, verdictId: world.row(image).verdict!.verdictId },
    });
    world.pass(1);
    await world.reconcile();
    expect(world.decision(image).trusted).toBe(true);
    expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
  });

  test('that is refused still is not restored, whatever a message says', async () => {
    expect(await restore()).toEqual({ done: 'not restored: it does not pass' });
    expect(isArchived(image)).toBe(true);
  });

  test('that somebody restored gets another grace period', async () => {
    await world.registry.restore(image);
    world.pass(6 * 24);
    expect(await run()).toEqual({ archived: 0, kept: [] });
    world.pass(25);
    expect((await run()).archived).toBe(1);
  });
});

test('an image whose report is young enough passes from it while it is archived, and is signed when it is back', async () => {
  const image = await refused();
  world.pass(25);
  expect((await run({ graceSeconds: DAY })).archived).toBe(1);
  world.publish(LENIENT);
  await world.reconcile();
  expect(world.outcome(image)).toBe('PASS');
  expect(world.decision(image).trusted).toBe(false); // the registry gives nothing to sign
  await restoreArchived(image, context());
  world.pass(1);
  await world.reconcile();
  expect(world.decision(image).trusted).toBe(true);
  expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
});

import { asText, type AlertMessage } from '../../../src/core/alerts/message';
import type { ArchivedEvent, RestoredEvent } from '../../../src/core/events/revocation-events';
import { imageName, imageOf, sibling, type ImageName } from '../../../src/core/image/image';
import { isLongRefused } from '../../../src/core/revocation/archive';
import type { StartableInventory } from '../../../src/core/revocation/definitions';
import type { Grant } from '../../../src/core/trust/grant';
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
let inventory: StartableInventory;
let grants: Grant[];
let events: (ArchivedEvent | RestoredEvent)[];
let alerts: Map<string, AlertMessage>;

beforeEach(() => {
  world = new World();
  world.signs = true;
  inventory = { running: [], definitions: [], unknown: [] };
  grants = [];
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
  livingGrants: async () => grants,
  isSelected: async () => true,
  baseRepositories: async () => new Set(),
  isTimeOver: () => false,
  alert: async (key, message) => {
    if (!alerts.has(key)) alerts.set(key, message);
  },
  ...changed,
});
const wholeRun = (changed: Partial<ArchiveContext> = {}) => archiveRefused(context(changed));
const run = async (changed: Partial<ArchiveContext> = {}) => {
  const { archived, kept } = await wholeRun(changed);
  return { archived, kept };
};
/** The registry, but for some of its calls. */
const registryWith = (changed: Partial<ArchiveContext['registry']>): ArchiveContext['registry'] => ({
  look: world.registry.look.bind(world.registry),
  archived: world.registry.archived.bind(world.registry),
  archive: world.registry.archive.bind(world.registry),
  restore: world.registry.restore.bind(world.registry),
  ...changed,
});
const isArchived = (image: ImageName) => world.registry.isArchived(imageOf(image));
const texts = () => [...alerts.values()].map(asText);

async function refused(name = 'fixable-critical'): Promise<ImageName> {
  const image = world.has(name);
  world.push(image, 'v1');
  await world.settle();
  expect(world.outcome(image)).toBe('FAIL');
  return image;
}

const NOTHING: StartableInventory = { running: [], definitions: [], unknown: [] };

function running(image: ImageName, digest = imageOf(image).digest): StartableInventory {
  const reference = `${REGISTRY}/${imageOf(image).repository}:v1`;
  return { ...NOTHING, running: [{ kind: 'ECS_TASK', arn: 'task/1', image: { reference, digest } }] };
}

/** @param which the end of the reference: a tag or a digest */
function startable(image: ImageName, which: string): StartableInventory {
  const reference = `${REGISTRY}/${imageOf(image).repository}${which}`;
  return { ...NOTHING, definitions: [{ arn: 'task-definition/nightly:7', images: [{ reference }] }] };
}

const grantFor = (image: Grant['image']) =>
  ({ image, scope: '000000000000', expiresAt: '2026-03-01T04:00:00.000Z' }) as Grant;

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
    inventory = { ...NOTHING, running: [{ kind: 'ECS_SERVICE', arn: 'service/web', image: { reference } }] };
    await expectKept(/^it runs, or may run, in service\/web/);
  });

  test('it is not known what runs', async () => {
    inventory = {
      ...NOTHING,
      unknown: ['the functions of AWS Lambda could not be looked up: AccessDenied'],
    };
    await expectKept(/^it is not known what runs or can be started: the functions/);
  });

  test.each(['digest', 'tag'])('a schedule, a rollback or a person can start it by its %s', async by => {
    inventory = startable(image, by === 'tag' ? ':v1' : `@${imageOf(image).digest}`);
    await expectKept(/^it can be started: it is an image of task-definition\/nightly:7$/);
  });

  test('a tag that it has no more starts another image', async () => {
    inventory = startable(image, ':v1');
    const look = async (name: ImageName) => ({ ...(await world.registry.look(name))!, tags: ['v0'] });
    expect(await run({ registry: registryWith({ look }) })).toEqual({ archived: 1, kept: [] });
  });

  test.each<[string, (granted: ImageName) => Grant['image']]>([
    ['it', granted => granted],
    ['every image', () => '*'],
  ])(
    'an active break-glass grant lets %s run, also where images in use are archived',
    async (_what, which) => {
      grants = [grantFor(which(image))];
      const why = 'a break-glass grant lets it run in 000000000000 until 2026-03-01T04:00:00.000Z';
      for (const imagesInUse of ['KEEP', 'ARCHIVE'] as const) {
        expect(await run({ imagesInUse })).toEqual({ archived: 0, kept: [{ image, why }] });
      }
      grants = [grantFor(image.replace('/', '/other/'))];
      expect(await run()).toEqual({ archived: 1, kept: [] });
    },
  );

  test('rule 5.7, fail closed: it is not known what break-glass grants allow', async () => {
    const livingGrants = () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' }));
    for (const imagesInUse of ['KEEP', 'ARCHIVE'] as const) {
      const { archived, kept } = await run({ imagesInUse, livingGrants });
      expect([archived, kept[0]!.why]).toEqual([
        0,
        'it is not known whether a break-glass grant lets it run: AccessDenied: no',
      ]);
    }
    expect(isArchived(image)).toBe(false);
  });

  test('somebody pulled it since, by a way that the inventory does not see', async () => {
    world.registry.pull(image);
    await expectKept(/^it was pulled at .* which may be after it was refused/);
  });

  test('Amazon ECR may have noted its last pull a day before', async () => {
    const since = Date.parse(world.row(image).verdict!.evaluatedAt);
    const pulled = (hours: number) =>
      registryWith({
        look: async () => ({ status: 'ACTIVE', tags: [], lastPulledAt: new Date(since - hours * 3_600_000) }),
      });
    expect((await run({ registry: pulled(23) })).archived).toBe(0);
    expect((await run({ registry: pulled(25) })).archived).toBe(1);
  });

  test('a pull of each day is no new reason', async () => {
    world.registry.pull(image);
    await run();
    world.pass(24);
    world.registry.pull(image);
    await run();
    expect(alerts.size).toBe(1);
  });

  test('the same reasons are told once, and others again', async () => {
    inventory = running(image);
    await run();
    await run();
    expect(alerts.size).toBe(1);
    inventory = { ...NOTHING, unknown: ['no answer'] };
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

  test('all of them can be started where a tag of the index is named, or a grant names it', async () => {
    inventory = startable(index, ':v1');
    expect(await run()).toMatchObject({ archived: 0, kept: [{ image: index }, {}] });
    inventory = NOTHING;
    grants = [grantFor(index)];
    expect(await run()).toMatchObject({ archived: 0, kept: [{ image: index }, {}] });
  });
});

test('an image beside the one that a service reports is in use', async () => {
  const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
  world.push(index, 'v1');
  await world.settle();
  world.pass(8 * 24);
  const [amd64, arm64] = ['linux-amd64', 'linux-arm64'].map(platform =>
    imageName(sibling(imageOf(index), storedImage(`clean-and-vulnerable.${platform}`).digest)),
  ) as [ImageName, ImageName];
  const [passed, failed] = world.outcome(amd64) === 'PASS' ? [amd64, arm64] : [arm64, amd64];
  inventory = running(index, imageOf(passed).digest);
  const { archived, kept } = await run();
  expect(archived).toBe(0);
  expect(kept.map(({ image }) => image)).toContain(failed);
});

describe('what changes while the daily run goes on', () => {
  let image: ImageName;
  beforeEach(async () => {
    image = await refused();
    world.pass(25);
  });

  const pass = async () => {
    world.publish(LENIENT);
    await world.reconcile();
    expect(world.outcome(image)).toBe('PASS');
    expect((await restoreArchived(image, context())).restored).toBeUndefined();
  };

  test('an image that passes while what runs is listed is not archived', async () => {
    const slow = async () => {
      await pass();
      return inventory;
    };
    expect(await wholeRun({ graceSeconds: DAY, inventory: slow })).toMatchObject({ archived: 0, kept: [] });
    expect([isArchived(image), events]).toEqual([false, []]);
  });

  test('one that passes between the last look and the call is restored at once', async () => {
    const archive = async (name: ImageName) => {
      await pass();
      return world.registry.archive(name);
    };
    const registry = registryWith({ archive });
    expect(await wholeRun({ graceSeconds: DAY, registry })).toMatchObject({
      archived: 0,
      restored: 1,
      kept: [],
    });
    expect([isArchived(image), events]).toEqual([false, []]);
  });

  test.each([
    ['whose report is too old to say that it passes now', { lastFailedScan: { cause: 'REPORT_OUTDATED' } }],
    ['that is scanned now', { lease: { until: '2027-01-01T00:00:00.000Z' } }],
  ])('one %s stays: a scan finds no archived image', (_why, changed) => {
    const row = world.row(image);
    expect(isLongRefused(row, DAY, world.now)).toBe(true);
    expect(isLongRefused({ ...row, ...(changed as object) }, DAY, world.now)).toBe(false);
  });

  test('a run out of time leaves the rest, and says for how many', async () => {
    expect(await wholeRun({ graceSeconds: DAY, isTimeOver: () => true })).toMatchObject({
      archived: 0,
      left: 1,
    });
    expect(isArchived(image)).toBe(false);
  });

  test('an event that nobody takes is told as such: the image is archived', async () => {
    const publish = () => Promise.reject(Object.assign(new Error('no bus'), { name: 'InternalException' }));
    expect(await wholeRun({ graceSeconds: DAY, events: { publish } })).toMatchObject({
      archived: 1,
      kept: [],
      untold: [{ image, why: 'InternalException: no bus' }],
    });
    expect(isArchived(image)).toBe(true);
    expect(texts()).toEqual([expect.stringMatching(/^1 refused image is archived, and no event says so/)]);
  });

  test('whoever may not archive it is told which rights are missing, and where', async () => {
    const look = () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    const { kept } = await run({ graceSeconds: DAY, registry: registryWith({ look }) });
    expect(kept[0]!.why).toMatch(
      /^allow the role of the archive ecr:DescribeImages and ecr:UpdateImageStorageClass in .*selectors in "repositories": AccessDeniedException: no$/,
    );
  });
});

describe('what is not of the archive', () => {
  test('an image of another repository is neither looked at, nor archived, nor restored', async () => {
    const image = await refused();
    world.pass(8 * 24);
    const denied = () => Promise.reject(new Error('AccessDenied'));
    const outside = {
      isSelected: async () => false,
      registry: registryWith({ look: denied, archive: denied, restore: denied }),
    };
    expect(await run(outside)).toEqual({ archived: 0, kept: [] });
    world.publish(LENIENT);
    await world.reconcile();
    expect(await restoreArchived(image, context(outside))).toEqual({
      done: 'ignored: its repository is not of this archive',
    });
    expect([isArchived(image), alerts.size]).toEqual([false, 0]);
  });

  test('an image of a repository of base images: builds with a cache do not pull it', async () => {
    const image = await refused();
    world.pass(8 * 24);
    const { account, region, repository } = imageOf(image);
    const baseRepositories = async () => new Set([`${account}.${region}/${repository}`]);
    for (const imagesInUse of ['KEEP', 'ARCHIVE'] as const) {
      expect(await run({ baseRepositories, imagesInUse })).toEqual({ archived: 0, kept: [] });
    }
    await expect(run({ baseRepositories: () => Promise.reject(new Error('no answer')) })).rejects.toThrow();
    expect(isArchived(image)).toBe(false);
  });
});

test('one that cannot be archived keeps none of the others, and is told', async () => {
  const [one, other] = [await refused(), await refused('root')];
  world.pass(8 * 24);
  const archive = async (image: ImageName) => {
    if (image === one) throw Object.assign(new Error('not now'), { name: 'ServerException' });
    return world.registry.archive(image);
  };
  expect(await run({ registry: registryWith({ archive }) })).toEqual({
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

  test('whose message was lost is restored by the next daily run, and judged again', async () => {
    world.publish(LENIENT);
    await world.reconcile();
    expect(world.failures(image)).toEqual(['REPORT_OUTDATED', 'IMAGE_GONE']);
    expect(await wholeRun()).toMatchObject({ archived: 0, restored: 1, kept: [] });
    expect(events.at(-1)).toMatchObject({ detailType: 'Image Restored', detail: { image } });
    world.pass(1);
    await world.reconcile();
    expect(world.decision(image).trusted).toBe(true);
    expect(await wholeRun()).toMatchObject({ archived: 0, restored: 0 });
  });

  test('that cannot be restored ends the run with an error, after the others', async () => {
    world.publish(LENIENT);
    await world.reconcile();
    const registry = registryWith({ restore: () => Promise.reject(new Error('not now')) });
    await expect(run({ registry })).rejects.toThrow('not now');
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

test('an image that somebody archived while it passed stays archived', async () => {
  const image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  await world.registry.archive(image);
  world.pass(30);
  await world.reconcile();
  expect(world.failures(image)).toContain('IMAGE_GONE');
  expect(await wholeRun()).toMatchObject({ archived: 0, restored: 0, kept: [] });
  expect(isArchived(image)).toBe(true);
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

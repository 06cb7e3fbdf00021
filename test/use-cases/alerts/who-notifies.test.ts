import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { imageName, imageOf, type ImageName } from '../../../src/core/image/image';
import { MediaType } from '../../../src/core/image/manifest';
import { ACCOUNT, STANDARD, World } from '../world';

const REPOSITORY = { ...ACCOUNT, repository: 'team/app' };
const REFUSED = 'fixable-critical';
const STUCK = 'no-packages';
const LATE = { exitCode: 124, errors: '' };

let world: World;
let refused: ImageName;

beforeEach(() => {
  world = new World();
  world.tells = true;
  refused = child(world, REFUSED);
});

function child(of: World, name: string): ImageName {
  return of.has(name, [], REPOSITORY.repository);
}

/** An index of these images; of one name there are many, by what else stands in it. */
function index(of: World, children: readonly ImageName[], salt = 0): ImageName {
  const descriptors = children.map((image, at) => {
    const { digest } = imageOf(image);
    const { mediaType, manifest } = of.registry.pushed.find(each => each.digest === digest)!;
    return {
      mediaType,
      digest,
      size: JSON.stringify(manifest).length,
      platform: { os: 'linux', architecture: `a${at}` },
    };
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ociIndex,
    manifests: descriptors,
    annotations: { salt: String(salt) },
  };
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(manifest)).digest('hex')}`;
  return imageName(of.registry.add(REPOSITORY, { digest, mediaType: MediaType.ociIndex, manifest }));
}

const told = (of = world): string[] => of.told.map(({ subject }) => subject.replace(/@.*/, ''));

async function hours(of: World, count: number): Promise<void> {
  for (let hour = 0; hour < count; hour++) {
    of.pass(1);
    await of.reconcile();
  }
}

describe('rule 4.8, indexes: an image of an index is silent only where its index said the same', () => {
  test('one message where the index can tell', async () => {
    world.push(index(world, [child(world, 'clean'), refused]), 'v1');
    await world.settle();
    expect(told()).toEqual(['FAIL: team/app:v1']);
  });

  test('an image beside it that never gets a verdict does not hide what is refused', async () => {
    world.push(index(world, [child(world, STUCK), refused]), 'v1');
    await world.settle({ minutes: 20 });
    expect(told().sort()).toEqual(['ERROR CHILD_WITHOUT_VERDICT: team/app:v1', 'FAIL: team/app']);
    expect(world.told.find(({ subject }) => subject.startsWith('FAIL'))!.body).toContain(`image: ${refused}`);
    await hours(world, 30);
    expect(told()).toHaveLength(2);
  });

  test('nor one that is tried again and again', async () => {
    const late = child(world, 'clean');
    world.finds(late, LATE);
    world.push(index(world, [late, refused]), 'v1');
    await world.settle();
    expect(told().sort()).toEqual(['ERROR CHILD_WITHOUT_VERDICT: team/app:v1', 'FAIL: team/app']);
  });

  test('nor one that is not in the registry', async () => {
    const gone = child(world, 'clean');
    const image = index(world, [gone, refused]);
    world.registry.remove(imageOf(gone));
    world.push(image, 'v1');
    await world.settle();
    expect(told().sort()).toEqual(['ERROR CHILD_WITHOUT_VERDICT: team/app:v1', 'FAIL: team/app']);
  });

  test('nor one whose build waits for longer than anybody should', async () => {
    const waiting = child(world, 'clean');
    world.push(index(world, [refused, waiting]), 'v1');
    await world.deliverOne(); // its images are asked for, and one of these requests is lost
    world.requests.messages = world.requests.messages.filter(
      ({ body }) => (body as { image?: string }).image !== waiting,
    );
    await world.settle({ minutes: 55 });
    expect(told()).toEqual([]);
    await world.settle({ minutes: 30 });
    expect(told()).toEqual(['FAIL: team/app']);
    await hours(world, 2);
    // the lost one was found: that is news of the index
    expect(told()).toEqual(['FAIL: team/app', 'FAIL: team/app:v1']);
  });

  test('an index that tells is enough, whatever the others of it do', async () => {
    const stuck = child(world, STUCK);
    for (let salt = 0; salt < 3; salt++) world.push(index(world, [stuck, refused], salt), `stuck${salt}`);
    world.push(index(world, [child(world, 'clean'), refused]), 'v1');
    await world.settle();
    expect(told().filter(subject => subject.startsWith('FAIL'))).toEqual(['FAIL: team/app:v1']);
  });

  test('more indexes than an image knows of: the one that is forgotten tells late, so the image tells itself', async () => {
    const stuck = child(world, STUCK);
    world.push(index(world, [child(world, 'clean'), refused]), 'v1');
    await world.settle({ minutes: 0.01 });
    for (let salt = 0; salt < 25; salt++) world.push(index(world, [stuck, refused], salt), `s${salt}`);
    await world.settle();
    expect(told()).toContain('FAIL: team/app');
  });

  test('a verdict that is replaced by one that says the same, while the image waits, hides nothing', async () => {
    world.push(index(world, [child(world, STUCK), refused]), 'v1');
    while (world.outcome(refused) === undefined) await world.settle({ minutes: 0.1 });
    world.publish({ ...STANDARD, name: 'another' });
    world.results.put({ version: 1, image: refused });
    await world.settle();
    expect(world.verdicts(refused)).toEqual(['FAIL changed', 'FAIL']);
    expect(told().filter(subject => subject.startsWith('FAIL'))).toEqual(['FAIL: team/app']);
  });

  test('a renewal that fails for good is told while the verdict still stands, and once', async () => {
    const renewed = child(world, 'clean');
    world.push(index(world, [renewed, refused]), 'v1');
    await world.settle();
    world.told.length = 0;
    world.finds(renewed, LATE);
    await hours(world, 40);
    expect(told()).toEqual(['ERROR SCAN_TIMED_OUT: team/app']);
  });
});

const INDEX = fc.record({
  children: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
  isTagged: fc.boolean(),
});

test('rule 4.8, indexes: no refused image is ever untold, and nothing is told twice: whatever comes in which order, is lost, doubled, or dies', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(INDEX, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
      fc.infiniteStream(fc.nat(1000)),
      async (indexes, crashes, dies, losesBuildEvents, random) => {
        const it = new World();
        Object.assign(it, {
          tells: true,
          dies,
          losesBuildEvents,
          pick: (count: number) => random.next().value! % count,
        });
        const children = ['clean', REFUSED, 'log4shell', STUCK, 'root', 'secret-deleted-later'].map(name =>
          child(it, name),
        );
        it.finds(children[0]!, LATE);
        it.interruptions.crashAtCalls(...crashes);
        for (const [at, { children: of, isTagged }] of indexes.entries()) {
          it.push(
            index(
              it,
              of.map(each => children[each]!),
              at,
            ),
            isTagged ? `v${at}` : undefined,
          );
          if (random.next().value! % 3 === 0) it.push(children[random.next().value! % children.length]!);
          await it.settle({ minutes: random.next().value! % 10 });
          for (const queue of [it.alerts, it.results]) {
            for (const { body } of queue.messages.slice(0, 2)) queue.put(body, random.next().value! % 900);
          }
        }
        await it.settle();
        it.interruptions.crashAtCalls();
        await hours(it, 3);

        expect(it.lost).toEqual([]);
        const bodies = it.told.map(({ body }) => body);
        const refusals = bodies.filter(body => body.startsWith('FAIL'));
        const isTold = (image: ImageName) => refusals.some(body => body.includes(`image: ${image}\n`));
        for (const { pk, verdict, parents = [] } of it.register.rows.values()) {
          if (verdict?.outcome !== 'FAIL') continue;
          const by = parents.map(digest => it.row(imageName({ ...imageOf(pk), digest })));
          const byIndex = by.some(
            each => isTold(each.pk) && each.verdict?.madeOf?.includes(verdict.verdictId) === true,
          );
          expect({ pk, isTold: isTold(pk) || byIndex }).toEqual({ pk, isTold: true });
        }
        expect(new Set(refusals).size).toBe(refusals.length);
      },
    ),
    { numRuns: 60 },
  );
});

import { createHash } from 'node:crypto';
import { imageName, imageOf, sibling, type ImageName } from '../../../src/core/image/image';
import { ACCOUNT, World } from '../world';
import { storedImage, type Stored } from '../world/zoo';

const AMD64 = 'clean-and-vulnerable.linux-amd64';
const ARM64 = 'clean-and-vulnerable.linux-arm64';

let world: World;
let index: ImageName;

beforeEach(() => {
  world = new World();
  index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
});

function childOf(name: string): ImageName {
  return imageName(sibling(imageOf(index), storedImage(name).digest));
}

/** An index of our own making, pushed to the same repository. */
function hasIndex(manifests: readonly object[]): ImageName {
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  const stored: Stored = {
    digest: `sha256:${createHash('sha256').update(JSON.stringify(manifest)).digest('hex')}`,
    mediaType: manifest.mediaType,
    manifest,
  };
  return imageName(world.registry.add({ ...ACCOUNT, repository: imageOf(index).repository }, stored));
}

function descriptor(name: string, architecture: string): object {
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: storedImage(name).digest,
    size: 500,
    platform: { os: 'linux', architecture },
  };
}

describe('rule 4.8, indexes: an index is the worst of its children', () => {
  test('that come after it', async () => {
    world.push(index, 'v1');
    await world.settle();

    expect(world.outcome(childOf(AMD64))).toBe('PASS');
    expect(world.outcome(childOf(ARM64))).toBe('FAIL');
    expect(world.row(index)).toMatchObject({ kind: 'index', verdict: { outcome: 'FAIL', kind: 'index' } });
    expect(world.buildsOf(index)).toBe(0);
    expect(world.events(index)[0]?.detail).toMatchObject({
      violations: [expect.objectContaining({ platform: 'linux/arm64' })],
    });
  });

  test('that were judged before it: its edges come first, then the fold', async () => {
    for (const name of [AMD64, ARM64]) world.push(childOf(name), 'child');
    await world.settle();
    world.push(index, 'v1');
    await world.settle();

    expect(world.outcome(index)).toBe('FAIL');
    expect(world.row(childOf(AMD64)).parents).toEqual([imageOf(index).digest]);
    expect(world.builds.builds).toHaveLength(2);
  });

  test('one child without a verdict, and it has none', async () => {
    world.finds(childOf(ARM64), { exitCode: 1, errors: 'FATAL TOOMANYREQUESTS' });
    world.push(index, 'v1');
    await world.settle({ minutes: 4 });

    expect(world.outcome(childOf(AMD64))).toBe('PASS');
    expect(world.outcome(index)).toBeUndefined();
    expect(world.row(index)).not.toHaveProperty('lastFailedScan'); // its child is tried again

    world.finds(childOf(ARM64), 'clean');
    await world.settle();
    expect(world.outcome(index)).toBe('PASS');
  });

  test("a child that never gets one is the index's failure, published once, and over as soon as it gets one", async () => {
    world.finds(childOf(ARM64), 'no-packages');
    world.push(index, 'v1');
    await world.settle();
    world.results.put({ version: 1, image: index });
    await world.settle();

    expect(world.row(index).lastFailedScan).toMatchObject({
      cause: 'CHILD_WITHOUT_VERDICT',
      count: 1,
      detail: expect.stringMatching(/linux\/arm64 .*NOT_COVERED/),
    });
    expect(world.failures(index)).toEqual(['CHILD_WITHOUT_VERDICT']);

    world.finds(childOf(ARM64), 'clean');
    world.pass(1);
    world.ask(childOf(ARM64), 'request');
    await world.settle();
    expect(world.row(index)).toMatchObject({ verdict: { outcome: 'PASS' } });
    expect(world.row(index)).not.toHaveProperty('lastFailedScan');
  });

  test('a later FAIL of a child flips it, and a later PASS flips it back', async () => {
    world.finds(childOf(ARM64), 'clean');
    world.push(index, 'v1');
    await world.settle();
    expect(world.outcome(index)).toBe('PASS');

    for (const [finds, outcome] of [
      ['fixable-critical', 'FAIL'],
      ['clean', 'PASS'],
    ] as const) {
      world.finds(childOf(ARM64), finds);
      world.pass(25);
      world.ask(childOf(ARM64), 'request');
      await world.settle();
      expect(world.outcome(index)).toBe(outcome);
    }
    expect(world.verdicts(index)).toEqual(['PASS changed', 'FAIL changed', 'PASS changed']);
  });

  test('a message that finds an event in the outbox is not lost', async () => {
    world.finds(childOf(ARM64), 'clean');
    world.push(index, 'v1');
    await world.settle();
    // as another handler leaves it for a moment
    world.register.rows.set(index, { ...world.row(index), outbox: ['verdict'] });
    world.finds(childOf(ARM64), 'fixable-critical');
    world.pass(25);
    world.ask(childOf(ARM64), 'request');
    await world.settle();

    expect(world.outcome(index)).toBe('FAIL');
  });

  test('it is valid no longer than each of its children, and follows when they are renewed', async () => {
    world.finds(childOf(ARM64), 'clean');
    world.push(index, 'v1');
    await world.settle();
    const before = world.row(index).verdict!.validUntil;
    expect(before).toBe([AMD64, ARM64].map(name => world.row(childOf(name)).verdict!.validUntil).sort()[0]);

    for (let hour = 0; hour < 30; hour++) {
      world.pass(1);
      await world.reconcile();
    }
    expect(Date.parse(world.row(index).verdict!.validUntil)).toBeGreaterThan(
      Date.parse(before) + 20 * 3_600_000,
    );
    expect(world.verdicts(index).filter(each => each.endsWith('changed'))).toEqual(['PASS changed']);
    expect(world.builds.builds).toHaveLength(4);
  });

  test('a parent that was forgotten by its children is folded by the clock', async () => {
    world.finds(childOf(ARM64), 'clean');
    world.push(index, 'v1');
    await world.settle();
    for (const name of [AMD64, ARM64]) {
      const { parents: _parents, ...child } = world.row(childOf(name));
      world.register.rows.set(child.pk, child);
    }
    world.finds(childOf(ARM64), 'fixable-critical');
    world.ask(childOf(ARM64), 'request');
    for (let hour = 0; hour < 26; hour++) {
      world.pass(1);
      await world.reconcile();
    }
    expect(world.outcome(index)).toBe('FAIL');
  });

  test('the same child twice, or in two indexes, is one scan', async () => {
    const twice = hasIndex([descriptor(AMD64, 'amd64'), descriptor(AMD64, 'arm64')]);
    world.push(index, 'v1');
    world.push(twice, 'v2');
    await world.settle();

    expect(world.row(twice)).toMatchObject({
      verdict: { outcome: 'PASS' },
      children: [{ digest: storedImage(AMD64).digest }],
    });
    expect(world.buildsOf(childOf(AMD64))).toBe(1);
    expect(world.row(childOf(AMD64)).parents).toHaveLength(2);
  });
});

describe('rule 4.8, indexes: an attestation child', () => {
  const attestation = 'attested.unknown-unknown';
  const unknown = { os: 'unknown', architecture: 'unknown' };
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
  const entry = (digest: string, other: object) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: 465,
    ...other,
  });

  beforeEach(() => {
    for (const name of [AMD64, attestation]) {
      world.registry.add({ ...ACCOUNT, repository: imageOf(index).repository }, storedImage(name));
    }
  });

  test('is skipped if all three hold', async () => {
    const attested = hasIndex([
      descriptor(AMD64, 'amd64'),
      entry(storedImage(attestation).digest, { platform: unknown, annotations }),
    ]);
    world.push(attested, 'v1');
    await world.settle();
    expect(world.row(attested)).toMatchObject({
      verdict: { outcome: 'PASS' },
      children: [{ digest: storedImage(AMD64).digest }],
    });
  });

  test.each([
    ['its platform is known', attestation, { platform: { os: 'linux', architecture: 'amd64' }, annotations }],
    ['it is not annotated', attestation, { platform: unknown }],
  ])("is the index's failure, and not waited for in silence, if %s", async (_why, name, other) => {
    const attested = hasIndex([descriptor(AMD64, 'amd64'), entry(storedImage(name).digest, other)]);
    world.push(childOf(attestation)); // its own push, without a tag
    world.push(attested, 'v1');
    await world.settle();

    expect(world.outcome(attested)).toBeUndefined();
    expect(world.row(attested).lastFailedScan).toMatchObject({
      cause: 'CHILD_WITHOUT_VERDICT',
      detail: expect.stringMatching(/UNSCANNABLE/),
    });
  });

  test('is scanned if a layer of it is not in-toto, and its finding counts', async () => {
    const disguised = hasIndex([
      descriptor(AMD64, 'amd64'),
      entry(storedImage(ARM64).digest, { platform: unknown, annotations }),
    ]);
    world.push(disguised, 'v1');
    await world.settle();
    expect(world.outcome(disguised)).toBe('FAIL');
  });

  test('pushed by itself is remembered: reconcile does not ask for it each hour', async () => {
    world.push(childOf(attestation));
    await world.settle();
    world.pass(1);
    await world.reconcile();

    expect(world.row(childOf(attestation))).toMatchObject({ kind: 'attachment' });
    expect(
      world.outcomes.filter(outcome => 'done' in outcome && outcome.done.startsWith('skipped: a signature')),
    ).toHaveLength(1);
    expect(world.buildsOf(childOf(attestation))).toBe(0);
  });

  test('an index of nothing else is unscannable', async () => {
    const nothing = hasIndex([entry(storedImage(attestation).digest, { platform: unknown, annotations })]);
    world.push(nothing, 'v1');
    await world.settle();
    expect(world.row(nothing).lastFailedScan).toMatchObject({
      cause: 'UNSCANNABLE',
      detail: 'its index names attestations only',
    });
  });
});

describe('rule 4.8, indexes: an index that nobody follows', () => {
  test.each([
    [
      'with another index in it',
      [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: `sha256:${'1'.repeat(64)}`, size: 1 }],
      /names another index/,
    ],
    [
      'of 33 images',
      Array.from({ length: 33 }, (_, at) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${String(at).padStart(64, '0')}`,
        size: 1,
      })),
      /names 33 images, allowed: 32/,
    ],
    ['of no image', [], /names no image/],
  ])('%s is a failure', async (_what, manifests, why) => {
    const odd = hasIndex(manifests);
    world.push(odd, 'v1');
    await world.settle();
    expect(world.row(odd).lastFailedScan).toMatchObject({
      cause: 'UNSCANNABLE',
      detail: expect.stringMatching(why),
    });
    expect(world.failures(odd)).toEqual(['UNSCANNABLE']);
  });
});

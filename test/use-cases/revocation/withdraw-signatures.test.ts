import type { AlertMessage } from '../../../src/core/alerts/message';
import type { WithdrawnEvent } from '../../../src/core/events/revocation-events';
import { imageOf, sibling, imageName, type ImageName } from '../../../src/core/image/image';
import { Limit } from '../../../src/core/limits';
import { bundleReferrer, bundleText } from '../../../src/core/signing/bundle';
import { PayloadType } from '../../../src/core/signing/dsse';
import { classicTag, describe as described, taggedArtefact } from '../../../src/core/signing/oci-artefact';
import { SIGN_V1, statementBytes, type Claims } from '../../../src/core/signing/statement';
import { keyHint, type VerificationKey } from '../../../src/core/signing/verification-key';
import { digestOf } from '../../../src/core/text/sha256';
import { withdrawSignatures } from '../../../use-cases/revocation/withdraw-signatures';
import { signEnvelope } from '../../../use-cases/signing/sign-envelope';
import { World } from '../world';

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

let world: World;
let image: ImageName;
let events: WithdrawnEvent[];
let alerts: Map<string, AlertMessage>;
let keys: VerificationKey[];

beforeEach(async () => {
  world = new World();
  world.signs = true;
  world.signOptions = { manifests: 'TOP', attestations: ['VERDICT', 'VULNERABILITIES'] };
  events = [];
  alerts = new Map();
  keys = [world.signer.current];
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
});

const withdraw = (about = image) =>
  withdrawSignatures(about, {
    register: world.register,
    keys: { all: async () => keys },
    events: { publish: async event => void events.push(event) },
    urlSuffix: 'amazonaws.com',
    registry: name => world.signatures.of(name),
    alert: async (key, message) => {
      if (!alerts.has(key)) alerts.set(key, message);
    },
  });

async function judged(as: string): Promise<void> {
  world.finds(image, as);
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
}
const revoke = () => judged('fixable-critical');

/** What is beside the image, and the image. */
const stored = (): string[] => world.registry.pushed.map(({ digest }) => digest);
const left = () => ({
  signatures: world.signatures.by(world.signer.current, image, world.now),
  attestations: world.signatures.layers(image, 'att').length,
  bundles: world.signatures.bundles(image).length,
});
const NOTHING = { signatures: { layers: 0, bundles: 0 }, attestations: 0, bundles: 0 };
const ALL = { signatures: { layers: 1, bundles: 1 }, attestations: 2, bundles: 3 };

test('all that the signer wrote beside a revoked image leaves, the image stays, and the event says so', async () => {
  expect(left()).toEqual(ALL);
  await revoke();
  const before = stored();
  expect(await withdraw()).toEqual({ done: 'withdrew 5 signatures', removed: 5 });
  expect(left()).toEqual(NOTHING);
  expect(stored()).toEqual([imageOf(image).digest]);
  const removed = before.filter(digest => digest !== imageOf(image).digest);
  expect(events).toEqual([
    {
      detailType: 'Image Signatures Withdrawn',
      detail: expect.objectContaining({
        image,
        tags: ['v1'],
        verdictId: world.row(image).verdict!.verdictId,
        removed: expect.arrayContaining(removed) as string[],
        kept: [],
      }) as object,
    },
  ]);
  expect(alerts.size).toBe(0);
});

test('when the image passes again, all of it is written again', async () => {
  await revoke();
  await withdraw();
  await judged('clean');
  expect(left()).toEqual(ALL);
  expect(world.decision(image).trusted).toBe(true);
});

test('a second message deletes nothing more; a run that died before the event is told by the next', async () => {
  await revoke();
  await withdraw();
  expect(await withdraw()).toEqual({ done: 'withdrew 0 signatures', removed: 0 });
  expect(events.map(({ detail }) => detail.removed.length)).toEqual([5, 0]);
});

test('what former keys signed leaves too, and what another key signed stays', async () => {
  const former = world.signer.rotate();
  await judged('clean');
  const foreign = world.signer.current;
  await revoke();
  keys = [former];
  await withdraw();
  expect(world.signatures.by(former, image, world.now).bundles).toBe(0);
  expect(world.signatures.by(foreign, image, world.now).bundles).toBe(1);
  keys = [foreign, former];
  await withdraw();
  expect(left()).toEqual(NOTHING);
});

describe('rule 4.1, messages are hints: nothing is deleted', () => {
  test('of a trusted image, whatever the message says', async () => {
    expect((await withdraw()).done).toBe('nothing withdrawn: it is not revoked any more');
    expect(left()).toEqual(ALL);
    expect(events).toEqual([]);
  });

  test('of an image that never was trusted', async () => {
    const other = world.has('fixable-critical');
    world.push(other, 'v1');
    await world.settle();
    expect((await withdraw(other)).done).toMatch(/^nothing withdrawn/);
  });

  test('of an image that passes again while the registry is read', async () => {
    await revoke();
    const revoked = world.row(image);
    await judged('clean');
    let looks = 0;
    const load = async (name: ImageName) => ((looks += 1) === 1 ? revoked : world.register.load(name));
    const context = {
      register: { load },
      keys: { all: async () => keys },
      events: { publish: async (event: WithdrawnEvent) => void events.push(event) },
      urlSuffix: 'amazonaws.com',
      registry: (name: ImageName) => world.signatures.of(name),
      alert: async () => undefined,
    };
    expect((await withdrawSignatures(image, context)).done).toMatch(/^nothing withdrawn/);
    expect(left()).toEqual(ALL);
  });
});

describe('whoever may push chooses tags, annotations and referrers, and loses nothing else by them', () => {
  const ELSE = `sha256:${'e'.repeat(64)}`;

  /** What the signer would say of this image. */
  const claims = (about: ImageName): Claims => {
    const { account, region, repository } = imageOf(about);
    return {
      image: about,
      repository: `${account}.dkr.ecr.${region}.amazonaws.com/${repository}`,
      verdict: 'PASS',
      scanId: world.row(image).verdict!.scanId,
      policy: 'f'.repeat(64),
      evaluatedAt: world.now.toISOString(),
    };
  };

  async function signedBundle(about: Claims): Promise<string> {
    const key = world.signer.current;
    const subject = { mediaType: MANIFEST, size: 1, digest: imageOf(image).digest };
    const bundle = bundleText(
      await signEnvelope(PayloadType.inToto, statementBytes(about), world.signer),
      keyHint(key),
    );
    const artefact = bundleReferrer(subject, bundle, SIGN_V1, world.now.toISOString());
    world.signatures.put(image, artefact);
    return digestOf(artefact.manifest);
  }

  test.each(['sig', 'att'] as const)(
    'an image that others run stays, though the tag .%s names it',
    async kind => {
      await revoke();
      const manifest = JSON.stringify({ layers: [{ mediaType: 'layer', size: 1, digest: ELSE }] });
      const tag = classicTag(imageOf(image).digest, kind);
      world.signatures.put(image, { manifest, mediaType: MANIFEST, blobs: [], tag });
      await withdraw();
      expect(stored()).toContain(digestOf(manifest));
    },
  );

  test.each(['sig', 'att'] as const)(
    'a tag .%s that names an artefact without layers is no signature',
    async kind => {
      await revoke();
      const empty = taggedArtefact(classicTag(imageOf(image).digest, kind), [], []);
      world.signatures.put(image, empty);
      await withdraw();
      expect(stored()).toContain(digestOf(empty.manifest));
    },
  );

  test.each(['sig', 'att'] as const)(
    'the tag .%s names the signatures of another image, and they stay',
    async kind => {
      const other = world.has('clean', [], 'team/clean');
      const trusted = world.has('fixable-critical', [], 'team/clean');
      world.finds(trusted, 'clean');
      world.push(trusted, 'v2');
      await world.settle();
      expect(other).toBe(image);
      const theirs = world.signatures.layers(trusted, kind);
      expect(theirs.length).toBeGreaterThan(0);
      await revoke();
      const artefact = taggedArtefact(
        classicTag(imageOf(image).digest, kind),
        theirs.map(({ payload: _payload, ...layer }) => layer),
        theirs.map(({ payload }) => payload),
      );
      world.signatures.put(image, artefact);
      await withdraw();
      expect(stored()).toContain(digestOf(artefact.manifest));
      expect(world.signatures.by(world.signer.current, trusted, world.now)).toEqual({
        layers: 1,
        bundles: 1,
      });
    },
  );

  test.each([
    ['another image', () => claims(imageName(sibling(imageOf(image), ELSE)))],
    ['another repository', () => claims(image.replace('team/clean', 'team/else'))],
    ['another registry', () => ({ ...claims(image), repository: 'registry.example/team/clean' })],
  ])('a bundle of ours about %s stays', async (_what, about) => {
    await revoke();
    const digest = await signedBundle(about());
    await withdraw();
    expect(stored()).toContain(digest);
  });

  test('signatures of others at the same tag stay, with ours, and the team is told', async () => {
    await revoke();
    const tag = classicTag(imageOf(image).digest, 'sig');
    const [{ payload, ...ours }] = world.signatures.layers(image) as [any];
    const theirs = described('theirs', SIMPLE_SIGNING, { 'dev.cosignproject.cosign/signature': 'AAAA' });
    const both = taggedArtefact(tag, [ours, theirs], [payload, 'theirs']);
    world.signatures.put(image, both);
    await withdraw();
    await withdraw();
    expect(stored()).toContain(digestOf(both.manifest));
    expect(events[0]!.detail.kept).toEqual([
      { name: tag, why: 'it also holds 1 that this trust did not write for it' },
    ]);
    expect([...alerts.values()]).toHaveLength(1);
    expect(left().bundles).toBe(0);
  });

  test('one that cannot be read keeps none of the others, is tried again, and is named', async () => {
    await revoke();
    const subject = { mediaType: MANIFEST, size: 1, digest: imageOf(image).digest };
    const lost = bundleReferrer(subject, 'lost', SIGN_V1, world.now.toISOString());
    world.signatures.put(image, { ...lost, blobs: [] });
    await expect(withdraw()).rejects.toThrow(/could not be read: sha256:.*404/);
    expect(left().signatures).toEqual({ layers: 0, bundles: 0 });
    expect(events[0]!.detail.kept).toHaveLength(1);
  });

  test('a flood of bundles is not read to its end, and that is told', async () => {
    await revoke();
    const subject = { mediaType: MANIFEST, size: 1, digest: imageOf(image).digest };
    for (let each = 0; each <= Limit.withdrawnBundles; each++) {
      world.signatures.put(image, bundleReferrer(subject, `${each}`, SIGN_V1, world.now.toISOString()));
    }
    await withdraw();
    expect(events[0]!.detail.kept).toEqual([
      { name: imageOf(image).digest, why: expect.stringMatching(/more than 1000 bundles/) as string },
    ]);
  });
});

import { asText, type AlertMessage } from '../../../src/core/alerts/message';
import { withdrawnEvent, type WithdrawnEvent } from '../../../src/core/events/revocation-events';
import { imageOf, sibling, imageName, type ImageName } from '../../../src/core/image/image';
import { Limit } from '../../../src/core/limits';
import { bundleReferrer, bundleText } from '../../../src/core/signing/bundle';
import { PayloadType } from '../../../src/core/signing/dsse';
import {
  classicTag,
  describe as described,
  referrer,
  taggedArtefact,
} from '../../../src/core/signing/oci-artefact';
import { SIGN_V1, statementBytes, type Claims } from '../../../src/core/signing/statement';
import { keyHint, type VerificationKey } from '../../../src/core/signing/verification-key';
import { digestOf } from '../../../src/core/text/sha256';
import { withdrawSignatures, type WithdrawContext } from '../../../use-cases/revocation/withdraw-signatures';
import { signEnvelope } from '../../../use-cases/signing/sign-envelope';
import { World } from '../world';

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

let world: World;
let image: ImageName;
let events: WithdrawnEvent[];
let alerts: Map<string, AlertMessage>;
let keys: VerificationKey[];
let arns: string[];
let counted: number[];
let isLate: boolean;

beforeEach(async () => {
  world = new World();
  world.signs = true;
  world.signOptions = { manifests: 'TOP', attestations: ['VERDICT', 'VULNERABILITIES'] };
  events = [];
  alerts = new Map();
  keys = [world.signer.current];
  arns = [];
  counted = [];
  isLate = false;
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
});

const context = (): WithdrawContext => ({
  register: world.register,
  keys: { arns, all: async () => keys },
  events: { publish: async event => void events.push(event) },
  urlSuffix: 'amazonaws.com',
  registry: name => world.signatures.of(name),
  isLate: () => isLate,
  count: removed => void counted.push(removed),
  alert: async (key, message) => {
    if (!alerts.has(key)) alerts.set(key, message);
  },
});
const withdraw = (about = image) => withdrawSignatures(about, context());
const kept = () => events.at(-1)!.detail.kept;
const told = () => [...alerts.values()].map(asText).join('\n');

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
  expect(await withdraw()).toBe('withdrew 5 signatures, and 0 may stay');
  expect(left()).toEqual(NOTHING);
  expect(stored()).toEqual([imageOf(image).digest]);
  const removed = before.filter(digest => digest !== imageOf(image).digest);
  expect(events).toEqual([
    {
      detailType: 'Image Signatures Withdrawn',
      detail: expect.objectContaining({
        image,
        tags: ['v1'],
        verdictId: world.row(image).revokedBy,
        removed: expect.arrayContaining(removed) as string[],
        removedCount: 5,
        kept: [],
        keptCount: 0,
      }) as object,
    },
  ]);
  expect(alerts.size).toBe(0);
  expect(counted).toEqual([2, 3]);
});

test('when the image passes again, all of it is written again', async () => {
  await revoke();
  await withdraw();
  await judged('clean');
  expect(left()).toEqual(ALL);
  expect(world.decision(image).trusted).toBe(true);
});

test('a second message deletes nothing more, and its event says so', async () => {
  await revoke();
  await withdraw();
  expect(await withdraw()).toBe('withdrew 0 signatures, and 0 may stay');
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
    expect(await withdraw()).toBe('nothing withdrawn: it is not revoked any more');
    expect(left()).toEqual(ALL);
    expect(events).toEqual([]);
  });

  test('of an image that never was trusted', async () => {
    const other = world.has('fixable-critical');
    world.push(other, 'v1');
    await world.settle();
    expect(await withdraw(other)).toMatch(/^nothing withdrawn/);
  });

  test('of an image that passes again while the registry is read', async () => {
    await revoke();
    const revoked = world.row(image);
    await judged('clean');
    let looks = 0;
    const load = async (name: ImageName) => ((looks += 1) === 1 ? revoked : world.register.load(name));
    expect(await withdrawSignatures(image, { ...context(), register: { load } })).toMatch(
      /^nothing withdrawn/,
    );
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
    expect(kept()).toEqual([
      {
        name: tag,
        digest: digestOf(both.manifest),
        why: 'layer 2 of 2 is not known as signed for this image by a key of this trust',
      },
    ]);
    expect(told()).toContain(`(${digestOf(both.manifest)})`);
    expect(told()).toMatch(/--repository-name team\/clean --image-ids imageDigest=<its digest>/);
    expect([...alerts.values()]).toHaveLength(1);
    expect(left().bundles).toBe(0);
  });

  test('one layer more of another type hides no signature: cosign goes on to accept it', async () => {
    await revoke();
    for (const kind of ['sig', 'att'] as const) {
      const tag = classicTag(imageOf(image).digest, kind);
      const layers = world.signatures.layers(image, kind).map(({ payload: _payload, ...layer }) => layer);
      world.signatures.put(image, taggedArtefact(tag, [...layers, described('x', 'text/plain')], ['x']));
    }
    await withdraw();
    expect(kept().map(({ name, why }) => `${name.slice(-3)}: ${why}`)).toEqual([
      'sig: it is not one that the signer could have written',
      'att: it is not one that the signer could have written',
    ]);
    expect(alerts.size).toBe(1);
  });

  test('a bundle that is too large for one of ours stays, and is named', async () => {
    await revoke();
    const subject = { mediaType: MANIFEST, size: 1, digest: imageOf(image).digest };
    const large = bundleReferrer(subject, ' '.repeat(Limit.attestationBytes * 2 + 1), SIGN_V1, 'now');
    world.signatures.put(image, large);
    await withdraw();
    expect(kept()).toMatchObject([{ digest: digestOf(large.manifest), why: expect.stringMatching(/bytes/) }]);
  });

  test('one that cannot be read keeps none of the others, is named, and is not tried again', async () => {
    await revoke();
    const subject = { mediaType: MANIFEST, size: 1, digest: imageOf(image).digest };
    const lost = bundleReferrer(subject, 'lost', SIGN_V1, world.now.toISOString());
    world.signatures.put(image, { ...lost, blobs: [] });
    await withdraw();
    expect(left().signatures).toEqual({ layers: 0, bundles: 0 });
    expect(kept()).toEqual([
      { name: digestOf(lost.manifest), digest: digestOf(lost.manifest), why: expect.stringMatching(/404/) },
    ]);
  });

  test('a tag that cannot be read keeps no bundles', async () => {
    await revoke();
    const tag = classicTag(imageOf(image).digest, 'sig');
    const of = (name: ImageName) => {
      const there = world.signatures.of(name);
      return {
        ...there,
        find: async (...by: Parameters<typeof there.find>) => {
          if ('imageTag' in by[0] && by[0].imageTag === tag) throw new Error('withheld');
          return there.find(...by);
        },
      };
    };
    await withdrawSignatures(image, { ...context(), registry: of });
    expect(left().bundles).toBe(0);
    expect(kept()).toMatchObject([{ name: tag }]);
  });

  test('a flood of referrers of any type is not read to its end, and .sig and .att leave first', async () => {
    await revoke();
    const subject = { mediaType: MANIFEST, size: 1, digest: imageOf(image).digest };
    for (let each = 0; each <= Limit.withdrawnReferrers; each++) {
      world.signatures.put(image, referrer(subject, 'text/plain', `${each}`, {}));
    }
    await withdraw();
    const { digest } = imageOf(image);
    expect(kept()).toEqual([
      { name: `bundles of ${digest}`, why: expect.stringMatching(/more than 1000/) as string },
    ]);
    expect(left()).toMatchObject({ signatures: { layers: 0 }, attestations: 0 });
    expect(told()).toMatch(/delete the bundles among it, not the image: aws ecr list-image-referrers/);
    expect(told()).not.toContain('batch-delete-image');
  });

  test('bundles that share one large blob are read up to a number of bytes', async () => {
    await revoke();
    const subject = { mediaType: MANIFEST, size: 1, digest: imageOf(image).digest };
    const large = ' '.repeat(Limit.attestationBytes * 2);
    for (let each = 0; each < 40; each++) {
      world.signatures.put(image, bundleReferrer(subject, large, SIGN_V1, `${each}`));
    }
    let blobs = 0;
    world.signatures.refuses = call => void (blobs += call === 'blob' ? 1 : 0);
    await withdraw();
    expect(blobs).toBeLessThan(40);
    expect(kept()).toMatchObject([{ name: expect.stringMatching(/^bundles of/) }]);
  });

  test('without time left nothing more is read, and that is told', async () => {
    await revoke();
    isLate = true;
    await withdraw();
    expect(kept().map(({ name }) => name.slice(0, 10))).toEqual([
      'sha256-' + imageOf(image).digest.slice(7, 10),
      'sha256-' + imageOf(image).digest.slice(7, 10),
      'bundles of',
    ]);
    expect(alerts.size).toBe(1);
  });

  test('an event of a flood stays below what EventBridge accepts', async () => {
    const many = Array.from({ length: 2000 }, () => ({ name: ELSE, digest: ELSE, why: 'x'.repeat(300) }));
    const { detail } = withdrawnEvent(world.row(image), 'id', Array(2000).fill(ELSE), many);
    expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(100_000);
    expect(detail).toMatchObject({ removedCount: 2000, keptCount: 2000 });
  });
});

test('a deletion that is refused loses neither the others nor the alert', async () => {
  await revoke();
  const refused = digestOf((await sig())!);
  const error = Object.assign(new Error('an index names it'), { name: 'ImageReferencedByManifestList' });
  world.signatures.keeps = digest => (digest === refused ? { digest, error } : undefined);
  await withdraw();
  expect(events[0]!.detail.removedCount).toBe(4);
  expect(kept()).toEqual([
    {
      name: refused,
      digest: refused,
      why: 'it was not deleted: ImageReferencedByManifestList: an index names it',
    },
  ]);
  expect(told()).toContain('ImageReferencedByManifestList');
});

const sig = async () =>
  (await world.signatures.of(image).find({ imageTag: classicTag(imageOf(image).digest, 'sig') }, 1e6))?.text;

test('rule 4.7, backpressure and dead letters: a throttled read is tried again, and what was deleted before is told and counted', async () => {
  await revoke();
  const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
  world.signatures.refuses = call => (call === 'referrers' ? throttled : undefined);
  await expect(withdraw()).rejects.toBe(throttled);
  expect(counted).toEqual([2]);
  expect(events).toMatchObject([{ detail: { removedCount: 2, keptCount: 0 } }]);
  await expect(withdraw()).rejects.toBe(throttled);
  expect([events.length, alerts.size]).toEqual([1, 0]);
  world.signatures.refuses = () => undefined;
  await withdraw();
  expect(left()).toEqual(NOTHING);
});

test('a key that cannot be read is named, and nobody is accused', async () => {
  await revoke();
  keys = [];
  arns = ['arn:aws:kms:eu-west-1:111122223333:key/1'];
  await withdraw();
  expect(kept()).toMatchObject([
    { name: arns[0] },
    { why: expect.stringMatching(/not known as signed/) },
    { why: expect.stringMatching(/not known as signed/) },
  ]);
  expect(told()).toContain('AWS KMS does not give this key');
});

test('the alert is sent before the event, which is published again at each retry', async () => {
  await revoke();
  arns = ['arn:aws:kms:eu-west-1:111122223333:key/1'];
  const down = new Error('the bus is down');
  const bus = { publish: async () => Promise.reject(down) };
  await expect(withdrawSignatures(image, { ...context(), events: bus })).rejects.toBe(down);
  expect(alerts.size).toBe(1);
});

import { generateKeyPairSync, sign } from 'node:crypto';
import { logger } from '../../../adapters/aws/telemetry';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { Limit } from '../../../src/core/limits';
import { classicSignature, simpleSigning } from '../../../src/core/signing/classic-signature';
import {
  classicTag,
  describe as descriptorOf,
  taggedArtefact,
  type Artefact,
} from '../../../src/core/signing/oci-artefact';
import { claimsOf, type Claims } from '../../../src/core/signing/statement';
import { digestOf } from '../../../src/core/text/sha256';
import { signImage } from '../../../use-cases/signing/sign-image';
import { World } from '../world';

jest.mock('../../../adapters/aws/telemetry', () => ({ logger: { warn: jest.fn() } }));

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const stranger = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

let world: World;
let image: ImageName;
let tag: string;

/** An image that passed, and that the signer has not come to yet. */
beforeEach(async () => {
  world = new World();
  image = world.has('clean');
  tag = classicTag(imageOf(image).digest, 'sig');
  world.push(image, 'v1');
  await world.settle();
});

async function signed(): Promise<unknown> {
  return signImage(
    { version: 1, image, verdictId: world.row(image).verdict!.verdictId },
    world.signContext(),
  );
}

function claims(repository = 'team/clean'): Claims {
  const document = world.evidence.json(world.row(image).verdict!.evidenceKey);
  return claimsOf({ ...document, image: image.replace('team/clean', repository) }, 'amazonaws.com');
}

/** As `cosign sign` of somebody else writes it. */
function foreign(layers = 1): Artefact {
  const payloads = Array.from({ length: layers }, (_, number) =>
    simpleSigning({ ...claims(), policy: String(number) }),
  );
  const signature = (payload: string) =>
    sign('sha256', Buffer.from(payload), stranger.privateKey).toString('base64');
  const layer = (payload: string) =>
    descriptorOf(payload, SIMPLE_SIGNING, { 'dev.cosignproject.cosign/signature': signature(payload) });
  return taggedArtefact(tag, payloads.map(layer), payloads);
}

async function ours(repository?: string): Promise<Artefact> {
  const payload = simpleSigning(claims(repository));
  return classicSignature(claims(repository), [], payload, await world.signer.sign(Buffer.from(payload)));
}

function altered(artefact: Artefact, change: (layer: any) => void): Artefact {
  const manifest = JSON.parse(artefact.manifest);
  manifest.layers.forEach(change);
  return { ...artefact, manifest: JSON.stringify(manifest) };
}

function signatures(): { layers: number; bundles: number } {
  return world.signatures.by(world.signer.current, image, world.now);
}

describe('what lies at the tag of the signature already', () => {
  test.each<[string, () => Artefact | Promise<Artefact>, number]>([
    ["a stranger's signature", () => foreign(), 1],
    ['nineteen of them', () => foreign(19), 19],
    [
      'as many as the signer keeps, with ours',
      () => foreign(Limit.classicSignatures - 1),
      Limit.classicSignatures - 1,
    ],
    ["our key's signature of the same digest in another repository", () => ours('team/other'), 1],
    [
      "our key's signature with another payload",
      async () =>
        altered(await ours(), layer => {
          layer.digest = digestOf('{}');
          layer.size = 2;
        }),
      1,
    ],
    [
      'a signature that is no base64',
      () =>
        altered(foreign(), layer => {
          layer.annotations['dev.cosignproject.cosign/signature'] = '\u0000?';
        }),
      1,
    ],
    [
      'a layer without a signature',
      () =>
        altered(foreign(), layer => {
          layer.annotations = {};
        }),
      1,
    ],
    [
      'a layer that says it is larger than any signature',
      () =>
        altered(foreign(), layer => {
          layer.size = 1e9;
          layer.digest = digestOf('not there');
        }),
      1,
    ],
  ])('%s is kept, and ours is put beside it', async (_what, artefact, kept) => {
    world.signatures.put(image, await artefact());
    const before = world.signatures.layers(image).map(({ digest }) => digest);
    await signed();
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(world.signatures.layers(image).map(({ digest }) => digest)).toEqual([
      ...before,
      expect.anything(),
    ]);
    expect(before).toHaveLength(kept);
    expect(world.decision(image).trusted).toBe(true);
  });

  test.each<[string, () => Artefact]>([
    ['no JSON', () => ({ ...foreign(), manifest: 'no JSON' })],
    ['JSON that is no manifest', () => ({ ...foreign(), manifest: '[]' })],
    [
      'a layer that is no signature',
      () =>
        altered(foreign(), layer => {
          layer.mediaType = 'application/octet-stream';
        }),
    ],
    [
      'a digest that is none',
      () =>
        altered(foreign(), layer => {
          layer.digest = '../../etc/passwd';
        }),
    ],
  ])('%s is replaced: cosign did not write it', async (_what, artefact) => {
    world.signatures.put(image, artefact());
    await signed();
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(world.signatures.layers(image)).toHaveLength(1);
    expect(world.decision(image).trusted).toBe(true);
  });

  test('our signature is left as it is', async () => {
    world.signatures.put(image, await ours());
    const pushes = world.signatures.pushes.length;
    await signed();
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(world.signatures.pushes).toHaveLength(pushes + 1);
  });

  test.each<[string, (artefact: Artefact) => Artefact]>([
    [
      'is larger than its layer says',
      artefact =>
        altered({ ...artefact, blobs: ['x'.repeat(300_000)] }, layer => {
          layer.digest = digestOf('x'.repeat(300_000));
        }),
    ],
    [
      'is gone',
      artefact =>
        altered(artefact, layer => {
          layer.digest = digestOf('not there');
        }),
    ],
  ])("a stranger's signature whose blob %s does not stop ours", async (_what, change) => {
    world.signatures.put(image, change(foreign()));
    await signed();
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
  });

  test('what the signer has put beside as many as it keeps is still there when it comes again', async () => {
    world.signatures.put(image, foreign(Limit.classicSignatures - 1));
    await signed();
    const { signature: _signature, statement: _statement, ...died } = world.row(image);
    world.register.rows.set(image, died);
    await signed();
    expect(world.signatures.layers(image)).toHaveLength(Limit.classicSignatures);
    expect(world.row(image).signature).not.toHaveProperty('withoutTag');
  });

  test.each([Limit.classicSignatures, 1000])(
    '%i signatures are left alone: there is no room for ours, the row says so, and the bundle is pushed',
    async layers => {
      world.signatures.put(image, {
        ...foreign(),
        manifest: JSON.stringify({ layers: Array(layers).fill(JSON.parse(foreign().manifest).layers[0]) }),
      });
      expect(await signed()).toMatchObject({ signed: true });
      expect(signatures()).toEqual({ layers: 0, bundles: 1 });
      expect(world.signatures.layers(image)).toHaveLength(layers);
      const why = `the tag ${tag} has ${layers} signatures already, allowed: ${Limit.classicSignatures}`;
      expect(world.row(image).signature).toMatchObject({ withoutTag: why });
      expect(logger.warn).toHaveBeenCalledWith('no classic signature', { image, why });
      expect(world.decision(image).trusted).toBe(true);
    },
  );

  test('no more of them are read than the signer would keep, however many there are', async () => {
    world.signatures.put(image, {
      ...foreign(),
      manifest: JSON.stringify({ layers: Array(10_000).fill(JSON.parse(foreign().manifest).layers[0]) }),
    });
    let blobs = 0;
    world.signatures.refuses = call => {
      if (call === 'blob') blobs += 1;
      return undefined;
    };
    await signed();
    expect(blobs).toBeLessThanOrEqual(Limit.classicSignatures);
  });
});

describe('an image that was deleted, with all that signed it, and pushed again', () => {
  test.each([
    ['and nobody noticed', false],
    ['and its renewal found it gone', true],
  ])('%s, is signed in the registry again', async (_what, isNoticed) => {
    world.signs = true;
    await signed();
    await world.settle();
    const images = [...world.registry.pushed];
    images.forEach(pushed => world.registry.remove(pushed.image));
    if (isNoticed) {
      world.pass(25);
      world.ask(image, 'renewal');
      await world.settle();
      expect(world.row(image).lastFailedScan?.cause).toBe('IMAGE_GONE');
    }
    world.signatures.forget();
    world.has('clean');
    world.push(image, 'v1');
    await world.settle();
    world.pass(25);
    world.ask(image, 'renewal');
    await world.settle();
    expect(world.decision(image).trusted).toBe(true);
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
  });
});

describe('what was signed and deleted since', () => {
  const renewed = async () => {
    world.pass(25);
    world.ask(image, 'renewal');
    await world.settle();
    expect(world.decision(image).trusted).toBe(true);
  };

  beforeEach(async () => {
    world.signs = true;
    await signed();
    await world.settle();
  });

  test.each(['classic', 'bundles'] as const)(
    '%s, by a lifecycle rule or by hand: a renewal writes it again',
    async what => {
      world.signatures.lose(image, what);
      expect(signatures()).toEqual(
        what === 'classic' ? { layers: 0, bundles: 1 } : { layers: 1, bundles: 0 },
      );
      await renewed();
      expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    },
  );

  test('where nothing is missing, nothing is written', async () => {
    const pushes = world.signatures.pushes.length;
    await renewed();
    expect(world.signatures.pushes).toHaveLength(pushes);
  });

  test.each(['find', 'blob', 'referrers'] as const)(
    'what cannot be read is not missing: where %s is denied, a renewal holds, and writes nothing',
    async denied => {
      const pushes = world.signatures.pushes.length;
      world.signatures.refuses = call => (call === denied ? new Error('denied') : undefined);
      await renewed();
      expect(world.signatures.pushes).toHaveLength(pushes);
    },
  );
});

describe('where tags cannot be moved', () => {
  beforeEach(() => {
    world.signatures.immutable = true;
  });

  test('a free tag is taken', async () => {
    expect(await signed()).toMatchObject({ signed: true });
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(world.row(image).signature).not.toHaveProperty('withoutTag');
  });

  test('a tag that a stranger took stays as it is: the bundle is pushed, the row says why there is no more, and that is no failure', async () => {
    world.signatures.put(image, foreign());
    expect(await signed()).toMatchObject({ signed: true });
    expect(signatures()).toEqual({ layers: 0, bundles: 1 });
    expect(world.signatures.layers(image)).toHaveLength(1);
    const why = `the tag ${tag} is immutable and was taken: exclude sha256-*.sig from the repository's tag immutability`;
    expect(world.row(image).signature).toMatchObject({ withoutTag: why });
    expect(logger.warn).toHaveBeenCalledWith('no classic signature', { image, why });
    expect(world.decision(image).trusted).toBe(true);
  });

  test('it is not tried again at a renewal', async () => {
    world.signatures.put(image, foreign());
    world.signs = true;
    await signed();
    const pushes = world.signatures.pushes.length;
    world.pass(25);
    world.ask(image, 'renewal');
    await world.settle();
    expect(world.row(image).statement!.verdictId).toBe(world.row(image).verdict!.verdictId);
    expect(world.signatures.pushes).toHaveLength(pushes);
    expect(world.lost).toEqual([]);
  });

  test('a tag that another copy of the signer took meanwhile is as good as ours', async () => {
    world.interruptions.happenAtCall('signatures.push', signed);
    expect(await signed()).toMatchObject({ signed: true });
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(world.row(image).signature).not.toHaveProperty('withoutTag');
    expect(logger.warn).not.toHaveBeenCalled();
  });
});

test('two copies of the signer at once: one of the two statements is in the register, and one signature at the tag', async () => {
  await Promise.all([signed(), signed()]);
  expect(signatures().layers).toBe(1);
  // ECDSA is random, and nobody can tell that the other one is at it
  expect(signatures().bundles).toBeGreaterThanOrEqual(1);
  expect(world.decision(image).trusted).toBe(true);
});

test('more referrers than anybody reads keep the signer from nothing', async () => {
  const config = { mediaType: 'application/octet-stream', digest: digestOf('{}'), size: 2 };
  for (let number = 0; number < 120; number++) {
    world.signatures.put(image, {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      manifest: JSON.stringify({
        config,
        layers: [config],
        subject: { digest: imageOf(image).digest },
        number,
        annotations: {},
      }),
      blobs: [],
    });
  }
  expect(await signed()).toMatchObject({ signed: true });
  expect(world.decision(image).trusted).toBe(true);
  expect(signatures().layers).toBe(1);
});

test('every PutImage had its turn', async () => {
  world.signOptions = { manifests: 'TOP', attestations: ['VERDICT', 'VULNERABILITIES'] };
  world.signatures.onPush = () => expect(world.signatures.pushes.length).toBeLessThanOrEqual(world.turns);
  await signed();
  expect(world.signatures.pushes).toHaveLength(5);
  expect(world.turns).toBe(5);
});

test("an audit's PASS is signed for the gates of now, and not in the registry, where a signature would outlive the audit", async () => {
  world.publish({
    name: 'audit',
    maxAgeHours: 72,
    audit: true,
    rules: [{ rule: 'secrets', action: 'warn' }],
  });
  world.pass(25);
  world.ask(image, 'request');
  await world.settle();
  await signed();
  expect(world.decision(image).trusted).toBe(true);
  expect(signatures()).toEqual({ layers: 0, bundles: 0 });
  expect(world.row(image)).not.toHaveProperty('signature');

  world.publish({ name: 'enforced', maxAgeHours: 72, rules: [{ rule: 'secrets', action: 'deny' }] });
  world.pass(25);
  world.ask(image, 'request');
  await world.settle();
  await signed();
  expect(signatures()).toEqual({ layers: 1, bundles: 1 });
});

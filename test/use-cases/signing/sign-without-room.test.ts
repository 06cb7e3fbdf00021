import { imageOf, type ImageName } from '../../../src/core/image/image';
import { Limit } from '../../../src/core/limits';
import { classicSignature, simpleSigning } from '../../../src/core/signing/classic-signature';
import {
  classicTag,
  describe as descriptorOf,
  taggedArtefact,
  type Artefact,
} from '../../../src/core/signing/oci-artefact';
import { claimsOf } from '../../../src/core/signing/statement';
import { World } from '../world';

/**
 * Amazon ECR refuses a manifest of more than 4 MiB. Whoever may push can leave one at our tags that is nearly
 * as large.
 */
let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  world.signs = true;
  world.signOptions = { manifests: 'TOP', attestations: ['VERDICT'] };
  image = world.has('clean');
});

const TYPES = {
  sig: 'application/vnd.dev.cosign.simplesigning.v1+json',
  att: 'application/vnd.dsse.envelope.v1+json',
};

function stranger(kind: 'sig' | 'att', filling: string): Artefact {
  return taggedArtefact(
    classicTag(imageOf(image).digest, kind),
    [descriptorOf('{}', TYPES[kind], { filling })],
    ['{}'],
  );
}

/** As long as ECR takes it, to the byte. */
function full(kind: 'sig' | 'att', character = 'x'): Artefact {
  const room = Limit.manifestBytes - Buffer.byteLength(stranger(kind, '').manifest);
  return stranger(kind, character.repeat(Math.floor(room / Buffer.byteLength(character))));
}

async function push(): Promise<void> {
  world.push(image, 'v1');
  await world.settle();
  expect(world.decision(image).trusted).toBe(true);
  expect(world.lost).toEqual([]);
}

test.each(['x', '漢'])(
  'a signature that fills the manifest with %s is left as it is: the row says so, and bundle and statement are made',
  async character => {
    world.signatures.put(image, full('sig', character));
    await push();
    expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 0, bundles: 1 });
    expect(world.signatures.layers(image)).toHaveLength(1);
    const tag = classicTag(imageOf(image).digest, 'sig');
    expect(world.row(image).signature).toMatchObject({
      withoutTag: `the tag ${tag} has signatures that leave no room for ours, allowed: ${Limit.manifestBytes} bytes with it`,
    });
  },
);

test('a signature that leaves just the room that ours needs is kept beside it', async () => {
  const claims = claimsOf(
    {
      image,
      scanId: '0'.repeat(26),
      policy: { sha256: 'f'.repeat(64) },
      evaluatedAt: world.now.toISOString(),
    } as never,
    'amazonaws.com',
  );
  const [theirs] = JSON.parse(stranger('sig', '').manifest).layers;
  const both = classicSignature(claims, [theirs], simpleSigning(claims), Buffer.alloc(72));
  world.signatures.put(
    image,
    stranger('sig', 'x'.repeat(Limit.manifestBytes - Buffer.byteLength(both.manifest))),
  );
  await push();
  expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
  expect(world.signatures.layers(image)).toHaveLength(2);
});

test('attestations that fill the manifest are left as they are, and bundles attest all the same', async () => {
  world.signatures.put(image, full('att'));
  await push();
  expect(world.signatures.layers(image, 'att')).toHaveLength(1);
  expect(world.signatures.bundles(image)).toHaveLength(2); // the signature, and the verdict
});

import { gzipSync } from 'node:zlib';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { classicTag, describe as descriptorOf, taggedArtefact } from '../../../src/core/signing/oci-artefact';
import { signImage } from '../../../use-cases/signing/sign-image';
import { World } from '../world';

const BOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'container', name: 'team/clean' } },
};
const WHOLE = { layers: 3, bundles: 4 };

/** An image that passed and is to be attested; the signer's message lies in its queue. */
async function begin(dies = false): Promise<{ world: World; image: ImageName }> {
  const world = new World();
  world.dies = dies;
  world.builds.uploads = { 'sbom.cdx.json.gz': gzipSync(JSON.stringify(BOM)) };
  world.signOptions = { manifests: 'TOP', attestations: ['VERDICT', 'VULNERABILITIES', 'SBOM'] };
  const image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  world.signing.put({ version: 1, image, verdictId: world.row(image).verdict!.verdictId });
  return { world, image };
}

/** Attestations of both kinds; the signature is one of the bundles. */
function attested(world: World, image: ImageName): { layers: number; bundles: number } {
  return {
    layers: world.signatures.layers(image, 'att').length,
    bundles: world.signatures.bundles(image).length,
  };
}

async function callsOf(dies: boolean): Promise<number> {
  const { world } = await begin(dies);
  world.interruptions.crashAtCalls();
  await world.settle({ minutes: 1 });
  return world.interruptions.calls;
}

const CRASHES = [
  ['an exception', false],
  ['the death of the process', true],
] as const;

test.each(CRASHES)(
  'rule 4.11, sign only what the register says: whatever a gate admits is attested whole, also after %s between any two calls',
  async (_cause, dies) => {
    const calls = await callsOf(dies);
    for (let at = 1; at <= calls; at++) {
      const { world, image } = await begin(dies);
      world.interruptions.crashAtCalls(at);
      const early: object[] = [];
      world.interruptions.watch = () => {
        const { layers, bundles } = attested(world, image);
        if (world.decision(image).trusted && (layers < WHOLE.layers || bundles < WHOLE.bundles)) {
          early.push({ layers, bundles });
        }
      };
      await world.settle();
      const { layers } = attested(world, image);
      expect({ at, early, trusted: world.decision(image).trusted, layers }).toEqual({
        at,
        early: [],
        trusted: true,
        layers: WHOLE.layers,
      });
      expect(world.lost).toEqual([]);
      expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
    }
  },
);

test.each(CRASHES)(
  'after %s between any two calls, bundles may be there twice, and the tag has each attestation once',
  async (_cause, dies) => {
    const calls = await callsOf(dies);
    for (let at = 1; at <= calls; at++) {
      const { world, image } = await begin(dies);
      world.interruptions.crashAtCalls(at);
      await world.settle();
      const { layers, bundles } = attested(world, image);
      expect({ at, layers }).toEqual({ at, layers: WHOLE.layers });
      expect(bundles).toBeGreaterThanOrEqual(WHOLE.bundles);
      expect(bundles).toBeLessThanOrEqual(2 * WHOLE.bundles);
    }
  },
);

test('what others attested of the image, under the tag where cosign 2 looks for it, is kept beside ours', async () => {
  const { world, image } = await begin();
  const theirs = '{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[]}';
  const layer = descriptorOf(theirs, 'application/vnd.dsse.envelope.v1+json', {
    predicateType: 'https://slsa.dev/provenance/v1',
  });
  world.signatures.put(image, taggedArtefact(classicTag(imageOf(image).digest, 'att'), [layer], [theirs]));
  await world.settle();
  expect(
    world.signatures.layers(image, 'att').map(({ annotations }) => annotations!.predicateType),
  ).toContain('https://slsa.dev/provenance/v1');
});

test('where tags cannot be moved and the tag of attestations is taken, bundles attest all the same', async () => {
  const { world, image } = await begin();
  world.signatures.immutable = true;
  world.signatures.put(image, taggedArtefact(classicTag(imageOf(image).digest, 'att'), [], []));
  await world.settle();
  expect(attested(world, image)).toEqual({ layers: 0, bundles: WHOLE.bundles });
  expect(world.decision(image).trusted).toBe(true);
});

test('an invalid scan record, in evidence that an attacker wrote to, signs nothing into the register', async () => {
  const { world, image } = await begin();
  for (const key of world.evidence.keys('scans/')) {
    if (key.endsWith('scan.json')) world.evidence.put(key, '{"schema":1}');
  }
  await expect(
    signImage({ version: 1, image, verdictId: world.row(image).verdict!.verdictId }, world.signContext()),
  ).rejects.toThrow();
  expect(world.row(image)).not.toHaveProperty('statement');
});

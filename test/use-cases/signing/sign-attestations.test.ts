import { gunzipSync, gzipSync } from 'node:zlib';
import { ScanFile, scanKey } from '../../../src/core/evidence/evidence-keys';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { REPOSITORY_URL } from '../../../src/core/repository-url';
import { openEnvelope, PayloadType } from '../../../src/core/signing/dsse';
import { digestOf } from '../../../src/core/text/sha256';
import { verifyInRegistry } from '../../../src/core/trust/registry-check';
import { World } from '../world';
import { storedImage } from '../world/zoo';

const VERDICT = `${REPOSITORY_URL}/attestations/verdict/v1`;
const VULNERABILITIES = 'https://cosign.sigstore.dev/attestation/vuln/v1';
const SBOM = 'https://cyclonedx.org/bom';
const SIGNATURE = 'https://sigstore.dev/cosign/sign/v1';
const ALL = ['VERDICT', 'VULNERABILITIES', 'SBOM'] as const;

const BOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'container', name: 'team/clean' } },
  components: [{ type: 'library', name: 'a', version: '1' }],
};

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  world.signs = true;
  world.builds.uploads = { 'sbom.cdx.json.gz': gzipSync(JSON.stringify(BOM)) };
  world.signOptions = { manifests: 'TOP', attestations: ALL };
  image = world.has('clean');
});

async function push(tag = 'v1'): Promise<void> {
  world.push(image, tag);
  await world.settle();
}

/** What the key says of the image, by where it says it; opened with the key. */
function attested(of = image): { classic: any[]; bundled: any[] } {
  const open = (envelope: unknown) => {
    const opened = openEnvelope(envelope, PayloadType.inToto, [world.signer.current]);
    if (!opened.ok) throw new Error(opened.error);
    return opened.value.statement;
  };
  const bundles = world.signatures.bundles(of).filter(({ predicateType }) => predicateType !== SIGNATURE);
  return {
    classic: world.signatures.layers(of, 'att').map(({ payload }) => open(JSON.parse(payload))),
    bundled: bundles.map(({ bundle }) => open(JSON.parse(bundle).dsseEnvelope)),
  };
}

test.each([
  [[], []],
  [['VERDICT'], [VERDICT]],
  [['VULNERABILITIES'], [VULNERABILITIES]],
  [['SBOM'], [SBOM]],
  [ALL, [VERDICT, VULNERABILITIES, SBOM]],
] as const)(
  '%j are attested, each where cosign 2 and where cosign 3 looks for it',
  async (attestations, types) => {
    world.signOptions = { manifests: 'TOP', attestations };
    await push();
    const { classic, bundled } = attested();
    expect(classic.map(({ predicateType }) => predicateType)).toEqual(types);
    expect(bundled).toEqual(classic);
    expect(
      world.signatures.layers(image, 'att').map(({ annotations }) => annotations!.predicateType),
    ).toEqual(types);
    expect(world.decision(image).trusted).toBe(true);
  },
);

test('each names the digest and the repository, and says what the evidence says', async () => {
  await push();
  const { verdict } = world.row(image);
  const [ofVerdict, ofScan, ofContent] = attested().classic;
  const subject = [
    {
      name: '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/clean',
      digest: { sha256: imageOf(image).digest.slice('sha256:'.length) },
    },
  ];
  expect([ofVerdict, ofScan, ofContent]).toEqual(
    Array(3).fill(expect.objectContaining({ _type: 'https://in-toto.io/Statement/v1', subject })),
  );

  const { firstSeen, violating, ...predicate } = world.evidence.json(verdict!.evidenceKey);
  expect(ofVerdict.predicate).toEqual(predicate);
  expect([firstSeen, violating]).toEqual([expect.anything(), expect.anything()]); // the evaluator's own notes
  expect(ofScan.predicate).toMatchObject({
    scanner: {
      uri: 'pkg:github/aquasecurity/trivy@0.74.0',
      version: '0.74.0',
      result: stored(ScanFile.report),
    },
    invocation: { event_id: verdict!.scanId },
  });
  expect(ofContent.predicate).toEqual(stored(ScanFile.sbom));
});

function stored(file: string): any {
  return JSON.parse(
    gunzipSync(
      world.evidence.objects.get(scanKey(image, world.row(image).verdict!.scanId, file))!,
    ).toString(),
  );
}

test('none of them is taken for the signature, and the signature is found among them', async () => {
  await push();
  expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
  expect(
    await verifyInRegistry(
      { image, keys: [world.signer.current], maxAgeSeconds: 3600, now: world.now },
      world.signatures.of(image),
    ),
  ).toHaveProperty('verdict', 'PASS');
});

test('a document of megabytes is not attested itself, but where it lies and its hash', async () => {
  const components = Array.from({ length: 60_000 }, (_, number) => ({
    type: 'library',
    name: `package-${number}-${'x'.repeat(40)}`,
    version: '1',
  }));
  world.builds.uploads = { 'sbom.cdx.json.gz': gzipSync(JSON.stringify({ ...BOM, components })) };
  await push();
  const [, , { predicate }] = attested().classic;
  const location = scanKey(image, world.row(image).verdict!.scanId, ScanFile.sbom);
  const text = gunzipSync(world.evidence.objects.get(location)!);
  expect(text.length).toBeGreaterThan(4 * 1024 * 1024);
  expect(predicate).toEqual({ location, digest: digestOf(text), mediaType: 'application/json' });
});

test('what the scan did not leave is not attested', async () => {
  world.builds.uploads = {};
  await push();
  expect(attested().bundled.map(({ predicateType }) => predicateType)).toEqual([VERDICT, VULNERABILITIES]);
});

test('an index was not scanned itself: only its verdict is attested, and nothing of its images', async () => {
  const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
  const children = ['linux-amd64', 'linux-arm64'].map(
    platform =>
      `${index.slice(0, index.indexOf('@'))}@${storedImage(`clean-and-vulnerable.${platform}`).digest}`,
  );
  for (const child of children) world.finds(child, 'clean');
  world.push(index, 'v1');
  await world.settle();
  expect(
    attested(index).bundled.map(({ predicateType, predicate }) => [predicateType, predicate.kind]),
  ).toEqual([[VERDICT, 'index']]);
  expect(children.flatMap(child => attested(child).bundled)).toEqual([]);
});

test('rule 5.8, the key signs only PASS: nothing is attested of an image that fails: any bundle of the key would do for "cosign verify"', async () => {
  image = world.has('fixable-critical', [], 'team/other');
  await push();
  expect(world.outcome(image)).toBe('FAIL');
  expect(attested()).toEqual({ classic: [], bundled: [] });
  expect(world.signer.signed).toBe(0);
});

test('a renewal attests nothing again', async () => {
  await push();
  const pushes = world.signatures.pushes.length;
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
  expect(world.signatures.pushes).toHaveLength(pushes);
});

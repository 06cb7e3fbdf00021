import { imageOf, sibling, type ImageName } from '../../../src/core/image/image';
import { REPOSITORY_URL } from '../../../src/core/repository-url';
import { classicAttestations } from '../../../src/core/signing/attestation';
import { openEnvelope, PayloadType } from '../../../src/core/signing/dsse';
import { classicTag, type Artefact } from '../../../src/core/signing/oci-artefact';
import { keyHint } from '../../../src/core/signing/verification-key';
import { digestOf } from '../../../src/core/text/sha256';
import { signEnvelope } from '../../../use-cases/signing/sign-envelope';
import { World } from '../world';

const SUMMARY = 'https://slsa.dev/verification_summary/v1';
const VERDICT = `${REPOSITORY_URL}/attestations/verdict/v1`;

let world: World;
let image: ImageName;

beforeEach(async () => {
  world = new World();
  world.signs = true;
  world.signOptions = { manifests: 'TOP', attestations: ['VERDICT', 'SUMMARY'] };
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
});

/** The types and ends of what the key says of the image, where cosign 2 and where cosign 3 looks for it. */
function summaries(): { tagged: any[]; bundled: any[] } {
  const open = (envelope: unknown) => {
    const opened = openEnvelope(envelope, PayloadType.inToto, [world.signer.current]);
    return opened.ok ? (opened.value.statement as any) : {};
  };
  const isSummary = ({ predicateType }: any) => predicateType === SUMMARY;
  return {
    tagged: world.signatures
      .layers(image, 'att')
      .map(({ payload }) => open(JSON.parse(payload || '{}')))
      .filter(isSummary),
    bundled: world.signatures
      .bundles(image)
      .map(({ bundle }) => open(JSON.parse(bundle).dsseEnvelope))
      .filter(isSummary),
  };
}

const types = (): string[] =>
  world.signatures.layers(image, 'att').map(({ annotations }) => annotations!.predicateType!);

test('a PASS is summarised once, in both forms, and the register knows until when', () => {
  const { tagged, bundled } = summaries();
  expect(tagged).toHaveLength(1);
  expect(bundled).toEqual(tagged);
  const [{ predicate, subject }] = tagged;
  const repository = '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/clean';
  expect(subject).toEqual([{ name: repository, digest: { sha256: imageOf(image).digest.slice(7) } }]);
  expect(predicate).toMatchObject({
    resourceUri: `oci://${repository}@${imageOf(image).digest}`,
    verificationResult: 'PASSED',
    policy: { digest: { sha256: world.row(image).verdict!.policySha256 } },
    inputAttestations: [{ digest: { sha256: world.row(image).verdict!.sha256 } }],
  });
  expect(world.row(image).signature!.summary).toEqual({
    until: predicate.trustedImages_expiresOn,
    policy: predicate.policy.digest.sha256,
  });
});

async function renew(days = 1): Promise<void> {
  world.pass(days * 24 + 1);
  world.ask(image, 'renewal');
  await world.settle();
}

test('renewals of the verdict replace it when half of its time is over: there is never a second one', async () => {
  const [first] = summaries().tagged;
  const before = world.signatures.pushes.length;
  await renew();
  expect(world.signatures.pushes).toHaveLength(before); // most renewals write nothing to the registry
  await renew(7);
  const { tagged, bundled } = summaries();
  expect(tagged).toHaveLength(1);
  expect(bundled).toEqual(tagged);
  expect(tagged[0].predicate.trustedImages_expiresOn > first.predicate.trustedImages_expiresOn).toBe(true);
  expect(types().sort()).toEqual([VERDICT, SUMMARY].sort()); // the other attestations stay as they are
  expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
  expect(world.decision(image).trusted).toBe(true);
});

test('rule 5.8, the key signs only PASS: a FAIL removes the summary from both places, and nothing else', async () => {
  world.finds(image, 'fixable-critical');
  await renew();
  expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'REVOKED' });
  expect(summaries()).toEqual({ tagged: [], bundled: [] });
  expect(types()).toEqual([VERDICT]);
  expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
  expect(world.row(image).signature).not.toHaveProperty('summary');
});

test('where nothing else is at the tag, the tag is removed with it', async () => {
  world = new World();
  world.signs = true;
  world.signOptions = { manifests: 'TOP', attestations: ['SUMMARY'] };
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  expect(types()).toEqual([SUMMARY]);
  world.finds(image, 'fixable-critical');
  await renew();
  expect(types()).toEqual([]);
});

describe('whoever may push moves the tag to a manifest that is not of the image, and it stays', () => {
  const ELSE = `sha256:${'e'.repeat(64)}`;

  /** An image that others run. */
  const production = async (): Promise<Artefact> => ({
    manifest: JSON.stringify({ layers: [{ mediaType: 'layer', size: 1, digest: ELSE }] }),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    blobs: [],
  });

  /** What the key signed for another image of the repository. */
  async function foreign(): Promise<Artefact> {
    const subject = [{ name: 'team/else', digest: { sha256: ELSE.slice('sha256:'.length) } }];
    const bytes = Buffer.from(JSON.stringify({ subject, predicateType: SUMMARY }));
    const signed = await signEnvelope(PayloadType.inToto, bytes, world.signer);
    const attestation = { predicateType: SUMMARY, envelope: signed };
    return classicAttestations(ELSE, [], [attestation], keyHint(world.signer.current));
  }

  const renewal = () => renew(8);
  const revocation = () => {
    world.finds(image, 'fixable-critical');
    return renew();
  };

  test.each([
    ['a renewal', 'an image that others run', renewal, production],
    ['a renewal', 'the attestations of another image', renewal, foreign],
    ['a revocation', 'an image that others run', revocation, production],
    ['a revocation', 'the attestations of another image', revocation, foreign],
  ])('%s, %s', async (_when, _what, happens, make) => {
    const artefact = await make();
    const digest = digestOf(artefact.manifest);
    world.signatures.put(image, artefact);
    const tag = classicTag(imageOf(image).digest, 'att');
    world.registry.moveTag(sibling(imageOf(image), digest), tag);
    await happens();
    expect(await world.signatures.of(image).manifest(digest, 10_000)).toBe(artefact.manifest);
    expect(summaries().bundled).toHaveLength(happens === renewal ? 1 : 0); // those of ours are deleted
  });
});

test('an image that passes again after a FAIL is summarised again', async () => {
  world.finds(image, 'fixable-critical');
  await renew();
  world.finds(image, 'clean');
  await renew();
  expect(world.decision(image).trusted).toBe(true);
  expect(summaries().bundled).toHaveLength(1);
  expect(summaries().tagged).toHaveLength(1);
});

test('a registry that does not delete delays neither trust nor revocation: what stays there expires', async () => {
  world.signatures.refuses = call => (call === 'remove' ? new Error('AccessDenied') : undefined);
  await renew(8);
  expect(world.decision(image).trusted).toBe(true);
  expect(summaries().bundled).toHaveLength(2);
  world.finds(image, 'fixable-critical');
  await renew();
  expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'REVOKED' });
  expect(world.events(image).at(-1)!.detailType).toBe('Image Revoked');
});

test('without the option nothing is summarised, and nothing is deleted', async () => {
  world = new World();
  world.signs = true;
  world.signatures.refuses = call => (call === 'remove' ? new Error('not expected') : undefined);
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  expect(summaries()).toEqual({ tagged: [], bundled: [] });
  expect(world.row(image).signature).not.toHaveProperty('summary');
});

import { signAttestations } from './sign-attestations';
import { signEnvelope } from './sign-envelope';
import type { SignatureRegistry, SignContext, SignOptions } from './sign-ports';
import { keepSummary } from './sign-summary';
import { logger } from '../../adapters/aws/telemetry';
import type { Verdict } from '../../src/core/evidence/verdict';
import { imageOf, repositoryReference, type ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import type { RegisterRow, RegistrySignature } from '../../src/core/register/row';
import { bundleReferrer, bundleText } from '../../src/core/signing/bundle';
import {
  classicLayers,
  classicSignature,
  isClassicSignature,
  simpleSigning,
  type SignedImage,
} from '../../src/core/signing/classic-signature';
import { PayloadType } from '../../src/core/signing/dsse';
import { classicTag, fitsRegistry, type Descriptor } from '../../src/core/signing/oci-artefact';
import { SIGN_V1, statementBytes, type Claims } from '../../src/core/signing/statement';
import { keyHint, type VerificationKey } from '../../src/core/signing/verification-key';
import { verifyInRegistry } from '../../src/core/trust/registry-check';

/**
 * Writes what cosign and others verify: `.sig` for cosign 2 and admission controllers, a bundle for cosign 3.
 * It does so once for each digest and key, and again if a renewal finds that one of them was deleted, by a
 * lifecycle rule for example. ECDSA signatures are random, so it looks for existing ones first: after a crash
 * nothing is signed twice.
 */
export async function signInRegistry(
  row: RegisterRow,
  verdict: Verdict,
  claims: Claims,
  context: SignContext,
): Promise<RegistrySignature | 'gone' | undefined> {
  const { options, now } = context;
  const key = await context.signer.key();
  if (!belongsInRegistry(row, options.manifests)) return row.signature;
  const { digest } = imageOf(row.pk);
  const registry = context.registry(row.pk);
  const { signature } = row;
  if (signature?.keyHint === keyHint(key) && (await isWhole(signature, claims, key, registry, now))) {
    return keepSummary(signature, verdict, row.verdict!, claims, registry, context);
  }
  const manifest = await registry.find({ imageDigest: digest }, Limit.manifestBytes);
  if (manifest === undefined) return 'gone';

  const subject = { mediaType: manifest.mediaType, size: Buffer.byteLength(manifest.text), digest };
  await context.pace(2);
  const [classic, bundle] = await Promise.allSettled([
    signClassic(claims, key, registry, context),
    signBundle(subject, claims, key, registry, context),
  ]);
  // neither is cut off by the failure of the other
  if (classic.status === 'rejected') throw classic.reason;
  if (bundle.status === 'rejected') throw bundle.reason;
  const withoutTag = classic.value;
  await signAttestations(subject, verdict, claims, registry, context);
  const written = {
    keyHint: keyHint(key),
    at: now.toISOString(),
    ...(withoutTag !== undefined && { withoutTag }),
  };
  return keepSummary(written, verdict, row.verdict!, claims, registry, context);
}

/**
 * Whether nothing is known to be missing. What cannot be read, or not be listed among hundreds of others,
 * counts as there: otherwise each renewal would write one more.
 */
async function isWhole(
  { withoutTag }: RegistrySignature,
  claims: Claims,
  key: VerificationKey,
  registry: SignatureRegistry,
  now: Date,
): Promise<boolean> {
  const question = { image: claims.image, keys: [key], maxAgeSeconds: Infinity, now };
  const bundle = await verifyInRegistry(question, registry);
  if ('trusted' in bundle && bundle.reason === 'NO_SIGNATURE') return false;
  if (withoutTag !== undefined) return true; // why there is no tag has not changed
  const imageTag = classicTag(imageOf(claims.image).digest, 'sig');
  try {
    return (await registry.find({ imageTag }, Limit.manifestBytes)) !== undefined;
  } catch {
    return true;
  }
}

/**
 * A signature of ours that is not in the register: the signer stopped between its push and its last write.
 */
export async function findSignature(
  image: ImageName,
  context: SignContext,
): Promise<RegistrySignature | undefined> {
  const { signer, registry, urlSuffix, now } = context;
  const key = await signer.key();
  const there = registry(image);
  const about = { image, repository: repositoryReference(imageOf(image), urlSuffix) };
  const isThere =
    (await hasOurs(await layersAt(classicTag(imageOf(image).digest, 'sig'), there), about, key, there)) ||
    !('trusted' in (await verifyInRegistry({ image, keys: [key], maxAgeSeconds: Infinity, now }, there)));
  return isThere ? { keyHint: keyHint(key), at: now.toISOString() } : undefined;
}

/**
 * Signs the manifest that users name: an index or a single image. The images of an index are signed only if
 * configured.
 */
function belongsInRegistry(
  { parents = [], tags = [] }: RegisterRow,
  manifests: SignOptions['manifests'],
): boolean {
  if (manifests === 'NONE') return false;
  return manifests === 'ALL' || parents.length === 0 || tags.length > 0;
}

async function signBundle(
  subject: Descriptor,
  claims: Claims,
  key: VerificationKey,
  registry: SignatureRegistry,
  { signer, now }: SignContext,
): Promise<void> {
  const standing = await verifyInRegistry(
    { image: claims.image, keys: [key], maxAgeSeconds: Infinity, now },
    registry,
  );
  if (!('trusted' in standing)) return;
  // if existing bundles cannot be listed, a bundle is signed anyway: a second one does no harm, and others
  // must not be able to prevent signing
  const bundle = bundleText(
    await signEnvelope(PayloadType.inToto, statementBytes(claims), signer),
    keyHint(key),
  );
  await registry.push(bundleReferrer(subject, bundle, SIGN_V1, now.toISOString()));
}

/**
 * Why the tag has no signature of ours, if it has none: it is immutable, and another user pushed it first.
 * The bundle needs no tag.
 */
async function signClassic(
  claims: Claims,
  key: VerificationKey,
  registry: SignatureRegistry,
  { signer }: SignContext,
): Promise<string | undefined> {
  const imageTag = classicTag(imageOf(claims.image).digest, 'sig');
  const others = await layersAt(imageTag, registry);
  if (await hasOurs(others, claims, key, registry)) return undefined;
  if (others.length >= Limit.classicSignatures) {
    return toldWhy(
      claims,
      `the tag ${imageTag} has ${others.length} signatures already, allowed: ${Limit.classicSignatures}`,
    );
  }
  const payload = simpleSigning(claims);
  const artefact = classicSignature(claims, others, payload, await signer.sign(Buffer.from(payload)));
  if (!fitsRegistry(artefact)) {
    return toldWhy(
      claims,
      `the tag ${imageTag} has signatures that leave no room for ours, allowed: ${Limit.manifestBytes} bytes with it`,
    );
  }
  if ((await registry.push(artefact)) === 'pushed') return undefined;
  // another copy of the signer was faster
  if (await hasOurs(await layersAt(imageTag, registry), claims, key, registry)) return undefined;
  return toldWhy(
    claims,
    `the tag ${imageTag} is immutable and was taken: exclude sha256-*.sig from the repository's tag immutability`,
  );
}

function toldWhy({ image }: Claims, why: string): string {
  logger.warn('no classic signature', { image, why });
  return why;
}

async function layersAt(imageTag: string, registry: SignatureRegistry): Promise<Descriptor[]> {
  const found = await registry.find({ imageTag }, Limit.manifestBytes);
  return classicLayers(found?.text);
}

async function hasOurs(
  layers: readonly Descriptor[],
  about: SignedImage,
  key: VerificationKey,
  registry: SignatureRegistry,
): Promise<boolean> {
  for (const layer of layers.slice(0, Limit.classicSignatures)) {
    // our layer is among the first: others may have added thousands
    if (layer.size > Limit.bundleBytes) continue;
    // an unreadable layer of another user must not prevent signing
    const payload = await registry.blob(layer.digest, Limit.bundleBytes).catch(() => '');
    if (isClassicSignature(layer, payload, key, about)) return true;
  }
  return false;
}

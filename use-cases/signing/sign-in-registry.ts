import { signAttestations } from './sign-attestations';
import { signEnvelope } from './sign-envelope';
import type { SignatureRegistry, SignContext } from './sign-ports';
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
 * What cosign and others verify: `.sig` for cosign 2 and admission controllers, a bundle for cosign 3. Once a
 * digest and key: a renewal is the register's business. ECDSA is random, so what is there already is looked
 * for first: after a crash nothing is signed twice.
 */
export async function signInRegistry(
  row: RegisterRow,
  verdict: Verdict,
  claims: Claims,
  context: SignContext,
): Promise<RegistrySignature | 'gone' | undefined> {
  const { options, now } = context;
  const key = await context.signer.key();
  if (row.signature?.keyHint === keyHint(key) || !belongsInRegistry(row, options.platformImages)) {
    return row.signature;
  }
  const { digest } = imageOf(row.pk);
  const registry = context.registry(row.pk);
  const manifest = await registry.find({ imageDigest: digest }, Limit.manifestBytes);
  if (manifest === undefined) return 'gone';

  const subject = { mediaType: manifest.mediaType, size: Buffer.byteLength(manifest.text), digest };
  await context.pace(2);
  const withoutTag = await signClassic(claims, key, registry, context);
  await signBundle(subject, claims, key, registry, context);
  await signAttestations(subject, verdict, claims, registry, context);
  return { keyHint: keyHint(key), at: now.toISOString(), ...(withoutTag !== undefined && { withoutTag }) };
}

/**
 * A signature of ours that the register knows nothing of: the signer died between its push and its last
 * write.
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

/** On what people name: an index or a single image. The images of an index only where that is asked for. */
function belongsInRegistry({ parents = [], tags = [] }: RegisterRow, platformImages: boolean): boolean {
  return platformImages || parents.length === 0 || tags.length > 0;
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
  // where it cannot be seen whether a bundle is there, one is signed all the same: two do no harm, and
  // strangers must not be able to prevent it
  const bundle = bundleText(
    await signEnvelope(PayloadType.inToto, statementBytes(claims), signer),
    keyHint(key),
  );
  await registry.push(bundleReferrer(subject, bundle, SIGN_V1, now.toISOString()));
}

/**
 * Why the tag is not ours, where it is not: immutable, and taken by somebody else. The bundle has no tag, so
 * nothing more can be done here.
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
    // ours is never behind: others may have put thousands there
    if (layer.size > Limit.bundleBytes) continue;
    // a stranger's layer that cannot be read keeps nobody from signing
    const payload = await registry.blob(layer.digest, Limit.bundleBytes).catch(() => '');
    if (isClassicSignature(layer, payload, key, about)) return true;
  }
  return false;
}

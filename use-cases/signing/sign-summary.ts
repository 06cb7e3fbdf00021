import { writeAttestations } from './sign-attestations';
import type { SignatureRegistry, SignContext } from './sign-ports';
import { logger } from '../../adapters/aws/telemetry';
import type { Verdict, VerdictSummary } from '../../src/core/evidence/verdict';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import type { RegistrySignature } from '../../src/core/register/row';
import {
  AttestationKind,
  isAttestationAbout,
  othersAttestations,
  ourLayers,
} from '../../src/core/signing/attestation';
import { isAttestationOf, PREDICATE_TYPE, readBundleManifest } from '../../src/core/signing/bundle';
import { classicTag, taggedArtefact } from '../../src/core/signing/oci-artefact';
import type { Claims } from '../../src/core/signing/statement';
import { keyHint, type VerificationKey } from '../../src/core/signing/verification-key';
import {
  isSummaryDue,
  summaryAttestation,
  summaryEnd,
  VERIFICATION_SUMMARY,
} from '../../src/core/signing/verification-summary';
import { digestOf } from '../../src/core/text/sha256';

/**
 * Renews the summary if it is due. The new one is written first and the former one deleted afterwards: of two
 * summaries of one image, Kyverno reads any, and cosign reads all.
 */
export async function keepSummary(
  signature: RegistrySignature,
  verdict: Verdict,
  evidence: Pick<VerdictSummary, 'evidenceKey' | 'sha256'>,
  claims: Claims,
  registry: SignatureRegistry,
  context: SignContext,
): Promise<RegistrySignature> {
  const { now, options } = context;
  if (!options.attestations.includes(AttestationKind.summary)) return signature;
  if (!isSummaryDue(signature.summary, verdict, now)) return signature;
  const { digest } = imageOf(claims.image);
  const manifest = await registry.find({ imageDigest: digest }, Limit.manifestBytes);
  if (manifest === undefined) return signature;
  const subject = { mediaType: manifest.mediaType, size: Buffer.byteLength(manifest.text), digest };
  const attestation = summaryAttestation(verdict, claims, evidence);
  const { bundles, replaced } = await writeAttestations(subject, [attestation], claims, registry, context);
  await orWarn(claims.image, async () => {
    const key = await context.signer.key();
    const standing = await bundlesOf(digest, key, registry);
    await removeAll(
      standing.filter(each => !bundles.includes(each)),
      registry,
    );
    if (replaced !== undefined) await removeIfOurs(replaced, digest, key, registry);
  });
  return { ...signature, summary: { until: summaryEnd(verdict), policy: verdict.policy.sha256 } };
}

/** So that verifiers without the register see a revocation too. Whoever may push can put a copy back. */
export async function removeSummary(image: ImageName, context: SignContext): Promise<void> {
  if (!context.options.attestations.includes(AttestationKind.summary)) return;
  await orWarn(image, async () => {
    const { digest } = imageOf(image);
    const registry = context.registry(image);
    const key = await context.signer.key();
    await removeAll(await bundlesOf(digest, key, registry), registry);
    await removeTagged(digest, key, registry);
  });
}

/** Removes the summary of ours at the tag. The tag names the rest now, if there is any. */
async function removeTagged(
  digest: string,
  key: VerificationKey,
  registry: SignatureRegistry,
): Promise<void> {
  const tag = classicTag(digest, 'att');
  const there = await registry.find({ imageTag: tag }, Limit.manifestBytes);
  if (there === undefined) return;
  const rest = othersAttestations(there.text, keyHint(key), [VERIFICATION_SUMMARY]);
  const without = taggedArtefact(tag, rest, []);
  if (digestOf(without.manifest) === digestOf(there.text)) return;
  if (rest.length > 0 && (await registry.push(without)) === 'tag-taken') return;
  await removeIfOurs(there.text, digest, key, registry);
}

/**
 * Deletes what the tag named only if it holds an attestation of this image that the key signed. Whoever may
 * push can move the tag to an image that others run, or to the attestations of another image.
 */
async function removeIfOurs(
  manifest: string,
  digest: string,
  key: VerificationKey,
  registry: SignatureRegistry,
): Promise<void> {
  for (const layer of ourLayers(manifest, keyHint(key))) {
    const text = await registry.blob(layer.digest, Limit.attestationBytes * 2); // it is in base64
    if (isAttestationAbout(text, digest, key)) return removeAll([digestOf(manifest)], registry);
  }
}

async function removeAll(digests: readonly string[], registry: SignatureRegistry): Promise<void> {
  const [stays] = await registry.remove(digests);
  if (stays !== undefined) throw stays.error;
}

/** The bundles of our summaries of an image, whoever pushed them. */
async function bundlesOf(
  digest: string,
  key: VerificationKey,
  registry: SignatureRegistry,
): Promise<string[]> {
  const ours: string[] = [];
  let seen = 0;
  for await (const { digest: referrer, annotations } of registry.referrers(digest)) {
    if ((seen += 1) > Limit.referrers) break;
    if (annotations?.[PREDICATE_TYPE] !== VERIFICATION_SUMMARY) continue;
    const manifest = await registry.manifest(referrer, Limit.bundleManifestBytes);
    const bundle = readBundleManifest(manifest ?? '', digest);
    if (!bundle.ok) continue;
    const text = await registry.blob(bundle.value.digest, Limit.bundleBytes);
    if (isAttestationOf(text, VERIFICATION_SUMMARY, key)) ours.push(referrer);
  }
  return ours;
}

/** A summary that stays too long expires, so nothing waits for its removal. */
async function orWarn(image: ImageName, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    logger.warn('a summary that does not hold any more was not deleted', { image, error: error as Error });
  }
}

import { gunzipSync } from 'node:zlib';
import { signEnvelope } from './sign-envelope';
import type { SignatureRegistry, SignContext } from './sign-ports';
import { ScanFile, scanKey } from '../../src/core/evidence/evidence-keys';
import { ScanRecord } from '../../src/core/evidence/scan-record';
import type { Verdict } from '../../src/core/evidence/verdict';
import { Limit } from '../../src/core/limits';
import {
  AttestationKind,
  attestationBytes,
  classicAttestations,
  othersAttestations,
  sbomAttestation,
  verdictAttestation,
  vulnerabilityAttestation,
  type Attestation,
} from '../../src/core/signing/attestation';
import { bundleReferrer, bundleText } from '../../src/core/signing/bundle';
import { PayloadType } from '../../src/core/signing/dsse';
import { classicTag, fitsRegistry, type Descriptor } from '../../src/core/signing/oci-artefact';
import type { Claims } from '../../src/core/signing/statement';
import { keyHint } from '../../src/core/signing/verification-key';
import { digestOf } from '../../src/core/text/sha256';

/**
 * Signs attestations of a PASS only, because plain `cosign verify` accepts any bundle of the key as a
 * signature (rule 5.8, the key signs only PASS).
 */
export async function signAttestations(
  subject: Descriptor,
  verdict: Verdict,
  claims: Claims,
  registry: SignatureRegistry,
  context: SignContext,
): Promise<void> {
  const attestations = await attestationsOf(verdict, context);
  if (attestations.length > 0) await writeAttestations(subject, attestations, claims, registry, context);
}

/** What is in the registry now. */
export interface Written {
  /** Digests of our bundles. */
  readonly bundles: readonly string[];
  /** The manifest that the tag named before, if it names something else now. It may be anybody's. */
  readonly replaced: string | undefined;
}

/**
 * Writes the forms of cosign 2 and of cosign 3. At the tag of cosign 2, they replace those of the same type.
 */
export async function writeAttestations(
  subject: Descriptor,
  attestations: readonly Attestation[],
  claims: Claims,
  registry: SignatureRegistry,
  context: SignContext,
): Promise<Written> {
  await context.pace(attestations.length + 1);
  const hint = keyHint(await context.signer.key());
  const signed = await Promise.all(
    attestations.map(async attestation => ({
      predicateType: attestation.predicateType,
      envelope: await signEnvelope(PayloadType.inToto, attestationBytes(attestation, claims), context.signer),
    })),
  );
  const there = await registry.find({ imageTag: classicTag(subject.digest, 'att') }, Limit.manifestBytes);
  const others = othersAttestations(
    there?.text,
    hint,
    signed.map(({ predicateType }) => predicateType),
  );
  const tagged = classicAttestations(subject.digest, others, signed, hint);
  // else bundles alone
  const isTagged =
    others.length < Limit.classicSignatures &&
    fitsRegistry(tagged) &&
    (await registry.push(tagged)) === 'pushed';
  const bundles: string[] = [];
  for (const { predicateType, envelope: signedEnvelope } of signed) {
    const bundle = bundleReferrer(
      subject,
      bundleText(signedEnvelope, hint),
      predicateType,
      context.now.toISOString(),
    );
    await registry.push(bundle);
    bundles.push(digestOf(bundle.manifest));
  }
  return { bundles, replaced: isTagged ? there?.text : undefined };
}

async function attestationsOf(verdict: Verdict, { options, evidence }: SignContext): Promise<Attestation[]> {
  const wanted = new Set(options.attestations);
  const attestations = wanted.has(AttestationKind.verdict) ? [verdictAttestation(verdict)] : [];
  if (verdict.kind === 'index') return attestations; // it was not scanned itself
  const document = (file: string) => storedDocument(scanKey(verdict.image, verdict.scanId, file), evidence);
  if (wanted.has(AttestationKind.vulnerabilities)) {
    const scan = await evidence.read(
      scanKey(verdict.image, verdict.scanId, ScanFile.scan),
      Limit.scanRecordBytes,
    );
    const report = await document(ScanFile.report);
    if (scan !== undefined && report !== undefined) {
      attestations.push(vulnerabilityAttestation(readScan(scan), report));
    }
  }
  if (wanted.has(AttestationKind.sbom)) {
    const sbom = await document(ScanFile.sbom);
    if (sbom !== undefined) attestations.push(sbomAttestation(sbom));
  }
  return attestations;
}

function readScan(bytes: Uint8Array): ScanRecord {
  return ScanRecord.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/**
 * The document, or its location and hash if it is large: `cosign verify` loads every bundle, and 30 MB took 7
 * seconds and 763 MB of memory.
 */
async function storedDocument(key: string, evidence: SignContext['evidence']): Promise<object | undefined> {
  const zipped = await evidence.read(key, Limit.reportBytes);
  if (zipped === undefined) return undefined;
  const text = gunzipSync(zipped, { maxOutputLength: Limit.reportUnzippedBytes });
  return text.length <= Limit.attestationBytes
    ? (JSON.parse(text.toString('utf8')) as object)
    : { location: key, digest: digestOf(text), mediaType: 'application/json' };
}

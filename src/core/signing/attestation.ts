import * as z from 'zod';
import { openEnvelope, PayloadType, type DsseEnvelope } from './dsse';
import { classicTag, describe, taggedArtefact, type Artefact, type Descriptor } from './oci-artefact';
import { STATEMENT_V1, type Claims } from './statement';
import type { VerificationKey } from './verification-key';
import type { ScanRecord } from '../evidence/scan-record';
import type { Verdict } from '../evidence/verdict';
import { Digest, imageOf } from '../image/image';
import { REPOSITORY_URL } from '../repository-url';
import { parseJson } from '../text/json';

export const AttestationKind = {
  verdict: 'VERDICT',
  vulnerabilities: 'VULNERABILITIES',
  sbom: 'SBOM',
  summary: 'SUMMARY',
} as const;
export type AttestationKind = (typeof AttestationKind)[keyof typeof AttestationKind];

const DSSE_LAYER = 'application/vnd.dsse.envelope.v1+json';
/**
 * Marks our own layers, so that the signer replaces these and no others. No verifier relies on it.
 */
const OURS = 'io.github.cdk-trusted-images/key';

const Layers = z.object({
  layers: z.array(
    z.object({
      mediaType: z.literal(DSSE_LAYER),
      size: z.number().int(),
      digest: Digest,
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** The content of an attestation, and its predicate type (`--type` of cosign). */
export interface Attestation {
  readonly predicateType: string;
  readonly predicate: object;
}

/** The predicate type of the verdict. */
export const VERDICT_ATTESTATION = `${REPOSITORY_URL}/attestations/verdict/v1`;

/** The verdict and its reasons, with a type of this library. */
export function verdictAttestation(verdict: Verdict): Attestation {
  const { firstSeen: _firstSeen, violating: _violating, ...predicate } = verdict;
  return {
    predicateType: VERDICT_ATTESTATION,
    predicate,
  };
}

/** @see https://github.com/sigstore/cosign/blob/v3.1.3/specs/COSIGN_VULN_ATTESTATION_SPEC.md */
export function vulnerabilityAttestation(scan: ScanRecord, result: object): Attestation {
  return {
    predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1',
    predicate: {
      invocation: { parameters: null, uri: scan.scanner.image, event_id: scan.scanId, 'builder.id': '' },
      scanner: {
        uri: `pkg:github/aquasecurity/trivy@${scan.scanner.version}`,
        version: scan.scanner.version,
        db: { uri: '', version: '', lastUpdate: scan.database.updatedAt },
        result,
      },
      metadata: { scanStartedOn: scan.startedAt, scanFinishedOn: scan.finishedAt },
    },
  };
}

/** `cosign verify-attestation --type cyclonedx` */
export function sbomAttestation(sbom: object): Attestation {
  return { predicateType: 'https://cyclonedx.org/bom', predicate: sbom };
}

export interface SignedAttestation {
  readonly envelope: DsseEnvelope;
  readonly predicateType: string;
}

/** The in-toto statement of an attestation, as it is signed. */
export function attestationBytes(
  { predicateType, predicate }: Attestation,
  { image, repository }: Claims,
): Uint8Array {
  const sha256 = imageOf(image).digest.slice('sha256:'.length);
  return Buffer.from(
    JSON.stringify({
      _type: STATEMENT_V1,
      subject: [{ name: repository, digest: { sha256 } }],
      predicateType,
      predicate,
    }),
  );
}

/** The attestations at the tag. Empty if cosign could not have written the manifest. */
export function attestationLayers(manifest: string | undefined): Descriptor[] {
  const read = Layers.safeParse(manifest === undefined ? undefined : parseJson(manifest));
  return read.success ? read.data.layers : [];
}

/**
 * The attestations at the tag that stay: those of others, those of our other keys, and those of our key that
 * have none of these types. Empty if cosign could not have written the manifest: it is replaced.
 */
export function othersAttestations(
  manifest: string | undefined,
  keyHint: string,
  replacedTypes: readonly string[],
): Descriptor[] {
  return attestationLayers(manifest).filter(
    ({ annotations }) =>
      annotations?.[OURS] !== keyHint || !replacedTypes.includes(annotations.predicateType ?? ''),
  );
}

/**
 * The layers of our key, if the manifest can be one that the signer wrote: attestations alone, of ours at
 * most one of each kind. Whoever may push can move the tag to any manifest, and annotations are not signed,
 * so the caller must also read what the layers say before it deletes the manifest.
 */
export function ourLayers(manifest: string, keyHint: string): Descriptor[] {
  const ours = attestationLayers(manifest).filter(({ annotations }) => annotations?.[OURS] === keyHint);
  return ours.length <= Object.keys(AttestationKind).length ? ours : [];
}

/** Whether the key signed an attestation of the image with this digest. */
export function isAttestationAbout(text: string, digest: string, key: VerificationKey): boolean {
  const opened = openEnvelope(parseJson(text), PayloadType.inToto, [key]);
  const sha256 = z.literal(digest.slice('sha256:'.length));
  const Statement = z.object({ subject: z.tuple([z.object({ digest: z.object({ sha256 }) })]) });
  return opened.ok && Statement.safeParse(opened.value.statement).success;
}

/** `sha256-<hex>.att`, for cosign 2: one layer for each attestation, including those of others. */
export function classicAttestations(
  digest: string,
  others: readonly Descriptor[],
  signed: readonly SignedAttestation[],
  keyHint: string,
): Artefact {
  const blobs = signed.map(({ envelope }) => JSON.stringify(envelope));
  const layers = signed.map(({ predicateType }, index) =>
    describe(blobs[index]!, DSSE_LAYER, {
      'dev.cosignproject.cosign/signature': '',
      predicateType,
      [OURS]: keyHint,
    }),
  );
  return taggedArtefact(classicTag(digest, 'att'), [...others, ...layers], blobs);
}

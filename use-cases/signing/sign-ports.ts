import type { ImageEvent } from '../../src/core/events/image-events';
import type { ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { AttestationKind } from '../../src/core/signing/attestation';
import type { Artefact } from '../../src/core/signing/oci-artefact';
import type { VerificationKey } from '../../src/core/signing/verification-key';
import type { RegistryReader } from '../../src/core/trust/registry-check';
import type { EvidenceReader } from '../evidence/evidence-documents';

/** The registry of an image, for its repository. */
export interface SignatureRegistry extends RegistryReader {
  find(
    by: { imageDigest: string } | { imageTag: string },
    maxBytes: number,
  ): Promise<{ text: string; mediaType: string } | undefined>;
  push(artefact: Artefact): Promise<'pushed' | 'tag-taken'>;
  /** Deletes manifests. What is not there counts as deleted. Answers what stays, and why. */
  remove(digests: readonly string[]): Promise<{ readonly digest: string; readonly error: Error }[]>;
}

/** The ports that signing needs. */
export interface SignContext {
  readonly register: {
    load(image: ImageName): Promise<RegisterRow>;
    save(row: RegisterRow, now: Date): Promise<RegisterRow | undefined>;
  };
  readonly evidence: EvidenceReader;
  readonly signer: { key(): Promise<VerificationKey>; sign(bytes: Uint8Array): Promise<Uint8Array> };
  readonly events: { publish(event: ImageEvent): Promise<void> };
  readonly options: SignOptions;
  readonly urlSuffix: string;
  readonly now: Date;
  registry(image: ImageName): SignatureRegistry;
  /** Waits until a PutImage call may be made: every `docker push` of the account shares its quota. */
  pace(puts: number): Promise<void>;
}

export interface SignOptions {
  /** What gets a signature in the registry: nothing, what has a name, or the images of an index too. */
  readonly manifests: 'NONE' | 'TOP' | 'ALL';
  readonly attestations: readonly AttestationKind[];
}

export type SignOutcome =
  | { readonly done: string; readonly scanId?: string; readonly signed?: true }
  | { readonly deferSeconds: number; readonly why: string };

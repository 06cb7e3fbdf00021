import * as z from 'zod';
import { VerdictSummary } from '../evidence/verdict';
import { ScanId } from '../ids';
import { Digest, ImageName, imageOf, type Image } from '../image/image';
import { FailedScan } from '../scanning/failed-scan';
import { ScanReason } from '../scanning/scan-request';
import { DsseEnvelope } from '../signing/dsse';

/** A scan that is under way. Until its lease ends nobody else scans the image (rule 4.6, scan lease). */
export const ScanLease = z.object({
  scanId: ScanId,
  at: z.iso.datetime(),
  /** After it the scan counts as lost, and the image may be scanned again. */
  until: z.iso.datetime(),
  /**
   * Digest of the image's config, by its manifest: what is read and scanned must be of an image with this
   * one.
   */
  configDigest: Digest,
  scanSeq: z.number().int(),
  /** Why it was asked for. */
  reason: ScanReason,
  /** Which deployment's builds it was asked of. */
  buildRevision: z.string(),
  /** Absent between the scan lease and StartBuild. */
  buildId: z.string().optional(),
});
export type ScanLease = z.infer<typeof ScanLease>;

export const Child = z.object({ digest: Digest, platform: z.string() });
export type Child = z.infer<typeof Child>;

/**
 * The signed statement that gates verify. It is kept as it was signed: only its payload says what it
 * states.
 */
const SignedStatement = z.object({ verdictId: ScanId, envelope: DsseEnvelope });

/** What the signer wrote into the registry, once a digest and key. */
const RegistrySignature = z.object({
  /** The hint of the key that signed: another key signs anew. */
  keyHint: z.string(),
  at: z.iso.datetime(),
  /** Why the tag `sha256-<hex>.sig` is not ours, where it is not: the bundle is there all the same. */
  withoutTag: z.string().optional(),
});
export type RegistrySignature = z.infer<typeof RegistrySignature>;

export const Replaced = VerdictSummary.pick({
  outcome: true,
  content: true,
  evidenceKey: true,
  sha256: true,
});

/**
 * The current state of one image. Read whole, changed as a value, written whole if nobody else wrote in
 * between (rule 4.2, optimistic locking).
 */
export const RegisterRow = z.object({
  pk: ImageName,
  schema: z.literal(1),
  /** Raised by every write. 0: not written yet. */
  rowVersion: z.number().int(),
  scanSeq: z.number().int(),
  policyRevision: z.number().int(),
  waiverRevision: z.number().int(),
  /**
   * `attachment`: a signature, an attestation or an SBOM. It is on record so that nobody asks again what it
   * is.
   */
  kind: z.enum(['image', 'index', 'attachment']).optional(),
  /** What an attachment is, and the image that it says it belongs to. */
  attachment: z.object({ type: z.string(), subject: Digest.optional() }).optional(),
  lease: ScanLease.optional(),
  verdict: VerdictSummary.optional(),
  /** The last verdict that was published before `verdict`: the event says what changed since. */
  replaced: Replaced.optional(),
  /** Of this verdict, or of the PASS before it until the signer comes to the renewal. A FAIL removes it. */
  statement: SignedStatement.optional(),
  signature: RegistrySignature.optional(),
  /** The FAIL that ended a trust. Gone when the image is trusted again. */
  revokedBy: ScanId.optional(),
  lastFailedScan: FailedScan.optional(),
  /** Outbox: what is on record and not published yet (rule 4.3, outbox). */
  outbox: z.array(z.enum(['verdict', 'failed-scan'])).optional(),
  children: z.array(Child).optional(),
  parents: z.array(Digest).optional(),
  tags: z.array(z.string()).optional(),
  duePk: z.string().optional(),
  dueSk: z.string().optional(),
  repositoryPk: z.string(),
});
export type RegisterRow = z.infer<typeof RegisterRow>;

/** Index names and key shapes, for the template and the runtime alike. */
export const RegisterIndex = {
  due: { name: 'byDue', partitionKey: 'duePk', sortKey: 'dueSk' },
  repository: { name: 'byRepository', partitionKey: 'repositoryPk', sortKey: 'pk' },
} as const;

/** So that one busy day, or one busy repository, is not one hot partition. */
export const SHARDS = '0123456789abcdef';

export function duePartition(day: string, shard: string): string {
  return `DUE#${day}#${shard}`;
}

export function repositoryPartition(
  { account, region, repository }: Omit<Image, 'digest'>,
  shard: string,
): string {
  return `REPO#${account}.${region}/${repository}#${shard}`;
}

export function newRow(image: ImageName): RegisterRow {
  return {
    pk: image,
    schema: 1,
    rowVersion: 0,
    scanSeq: 0,
    policyRevision: 0,
    waiverRevision: 0,
    repositoryPk: repositoryPartition(imageOf(image), image.at(-1)!),
  };
}

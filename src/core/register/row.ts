import * as z from 'zod';
import { VerdictSummary } from '../evidence/verdict';
import { ScanId } from '../ids';
import { Digest, ImageName, imageOf, type Image } from '../image/image';
import { FailedScan } from '../scanning/failed-scan';
import { Priority } from '../scanning/priority';
import { ScanReason } from '../scanning/scan-request';
import { DsseEnvelope } from '../signing/dsse';

/** A scan that is under way. Until its lease ends nobody else scans the image (rule 4.6, scan lease). */
export const ScanLease = z.object({
  scanId: ScanId,
  at: z.iso.datetime(),
  /** After it the scan counts as lost, and the image may be scanned again. */
  until: z.iso.datetime(),
  /** Digest of the image's config, from its manifest: the scan must be of an image with this config. */
  configDigest: Digest,
  scanSeq: z.number().int(),
  /** Why the scan was requested, and when. */
  reason: ScanReason,
  requestedAt: z.iso.datetime().optional(),
  /** The most urgent request that it answers: a retry is as urgent. */
  priority: Priority.optional(),
  /** The deployment whose scanner was asked: a newer one may run builds that differ. */
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

/** What the signer wrote into the registry, once for each digest and key. */
const RegistrySignature = z.object({
  /** The hint of the key that signed: after a change of keys the signer signs again. */
  keyHint: z.string(),
  at: z.iso.datetime(),
  /** Why the tag `sha256-<hex>.sig` was not written. The bundle is there all the same. */
  withoutTag: z.string().optional(),
  /** The verification summary beside it, which is renewed. A FAIL removes it. */
  summary: z.object({ until: z.iso.datetime(), policy: z.string() }).optional(),
});
export type RegistrySignature = z.infer<typeof RegistrySignature>;

/** A FAIL whose revocation the brake holds: until then the statement of the PASS before it counts (0044). */
const Held = z.object({
  /** The FAIL that was held first. */
  verdictId: ScanId,
  /** When that FAIL was judged. */
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  /** When the brake was pulled. After a release this pull is over, and so is the hold. */
  pulledAt: z.iso.datetime(),
  because: z.string(),
});
export type Held = z.infer<typeof Held>;

const EndedHold = Held.pick({ verdictId: true, since: true, pulledAt: true }).extend({
  /** Always after `since`. */
  endedAt: z.iso.datetime(),
  /** How: it passes again, or it is revoked. */
  outcome: z.enum(['PASS', 'FAIL']),
});
export type EndedHold = z.infer<typeof EndedHold>;

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
   * `attachment`: a signature, an attestation or an SBOM. Recorded so that its manifest is read only once.
   */
  kind: z.enum(['image', 'index', 'attachment']).optional(),
  /** The type of an attachment, and the image that it claims to belong to. */
  attachment: z.object({ type: z.string(), subject: Digest.optional() }).optional(),
  lease: ScanLease.optional(),
  verdict: VerdictSummary.optional(),
  /** The last verdict that was published before `verdict`: the event says what changed. */
  replaced: Replaced.optional(),
  /** For `verdict`, or for the PASS before it until the signer signs the renewal. A FAIL removes it. */
  statement: SignedStatement.optional(),
  signature: RegistrySignature.optional(),
  /** The FAIL that revoked the trust. Removed when the image is trusted again. */
  revokedBy: ScanId.optional(),
  /**
   * A PASS of a policy that refuses was signed once: a rollback may bring the image back (0040). Nothing
   * removes it.
   */
  wasTrusted: z.literal(true).optional(),
  /** The brake holds the revocation. Without a statement it means nothing. */
  held: Held.optional(),
  /** When the first FAIL since its last PASS was made. A PASS removes it. */
  refusedSince: z.iso.datetime().optional(),
  lastFailedScan: FailedScan.optional(),
  /** What is recorded and not published yet (rule 4.3, outbox). */
  outbox: z.array(z.enum(['verdict', 'failed-scan'])).optional(),
  /** A hold that ended, and is published with the outbox. */
  endedHold: EndedHold.optional(),
  children: z.array(Child).optional(),
  parents: z.array(Digest).optional(),
  tags: z.array(z.string()).optional(),
  duePk: z.string().optional(),
  dueSk: z.string().optional(),
  repositoryPk: z.string(),
});
export type RegisterRow = z.infer<typeof RegisterRow>;

/** Names and keys of the table's indexes, for the template and the runtime. */
export const RegisterIndex = {
  due: { name: 'byDue', partitionKey: 'duePk', sortKey: 'dueSk' },
  repository: { name: 'byRepository', partitionKey: 'repositoryPk', sortKey: 'pk' },
} as const;

/** The last digit of the digest: one busy day, or one busy repository, must not be one hot partition. */
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

/** Whether a verdict refuses an image that was trusted before. */
export function isRevoked({ verdict, revokedBy }: Pick<RegisterRow, 'verdict' | 'revokedBy'>): boolean {
  return verdict?.outcome === 'FAIL' && revokedBy !== undefined;
}

/** ECR had no such image when it was to be scanned. A scan brings it back. */
export function isGone({ lastFailedScan }: Pick<RegisterRow, 'lastFailedScan'>): boolean {
  return lastFailedScan?.cause === 'IMAGE_GONE';
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

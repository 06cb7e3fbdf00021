import * as z from 'zod';
import { Seconds } from '../times';
import { earlyEnd } from './early-end';
import { holds, VerdictSummary } from '../evidence/verdict';
import { ScanId } from '../ids';
import { Digest, ImageName, imageOf, type Image } from '../image/image';
import { Limit } from '../limits';
import { FailedScan, CAUSES } from '../scanning/failed-scan';
import { ScanReason } from '../scanning/scan-request';
import { DsseEnvelope } from '../signing/dsse';

/** A scan that is under way. Until its lease ends nobody else scans the image (rule 4.6, scan lease). */
export const ScanLease = z.object({
  scanId: ScanId,
  at: z.iso.datetime(),
  leaseUntil: z.iso.datetime(),
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
 * The signed scan lease that gates verify. It is kept as it was signed; what it says stands in its payload
 * alone.
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

const Replaced = VerdictSummary.pick({ outcome: true, content: true, evidenceKey: true, sha256: true });

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

/** When somebody must look at the image again even if no message ever arrives. */
export function dueAt(row: RegisterRow, now: Date): Date | undefined {
  const times = [
    row.outbox === undefined ? undefined : now.getTime() + Seconds.outboxAgain * 1000,
    row.lease === undefined ? undefined : Date.parse(row.lease.leaseUntil),
    row.lastFailedScan?.retryAt === undefined ? undefined : Date.parse(row.lastFailedScan.retryAt),
    renewalAt(row),
    earlyEnd(row.verdict, row.lastFailedScan),
  ].filter(time => time !== undefined);
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

function renewalAt({ verdict, lastFailedScan }: RegisterRow): number | undefined {
  if (verdict?.outcome !== 'PASS' || lastFailedScan?.cause === 'IMAGE_GONE') return undefined;
  const scannedAt = Date.parse(verdict.scannedAt);
  const due =
    scannedAt +
    Math.min(
      Seconds.renewAfter * 1000,
      (Date.parse(verdict.scanHoldsUntil ?? verdict.validUntil) - scannedAt) / 3,
    );
  if (lastFailedScan === undefined) return due;
  const rest = CAUSES[lastFailedScan.cause].transient
    ? Seconds.renewalRestTransient
    : Seconds.renewalRestLasting;
  return Math.max(due, Date.parse(lastFailedScan.at) + rest * 1000);
}

/** The row as it is to be written: next version, and what the indexes need. */
export function toWrite(row: RegisterRow, now: Date): RegisterRow {
  const due = dueAt(row, now);
  const { duePk: _pk, dueSk: _sk, ...rest } = row;
  return {
    ...rest,
    rowVersion: row.rowVersion + 1,
    ...(due !== undefined && {
      duePk: duePartition(due.toISOString().slice(0, 10), row.pk.at(-1)!),
      dueSk: due.toISOString(),
    }),
  };
}

export function withTag(row: RegisterRow, tag: string | undefined): RegisterRow {
  if (tag === undefined || row.tags?.includes(tag) === true) return row;
  return { ...row, tags: [tag, ...(row.tags ?? [])].slice(0, Limit.rowTags) };
}

export function withParent(row: RegisterRow, digest: string): RegisterRow {
  if (row.parents?.includes(digest) === true) return row;
  return { ...row, parents: [digest, ...(row.parents ?? [])].slice(0, Limit.rowParents) };
}

export function withVerdict(row: RegisterRow, verdict: VerdictSummary): RegisterRow {
  const { lastFailedScan: _attempt, replaced: _replaced, ...rest } = withoutLease(row, verdict.scanId);
  const before = row.outbox?.includes('verdict') === true ? row.replaced : row.verdict;
  return {
    ...(verdict.outcome === 'FAIL' ? revoked(rest, verdict.verdictId) : rest),
    verdict,
    scanSeq: Math.max(row.scanSeq, verdict.scanSeq),
    policyRevision: verdict.policyRevision,
    waiverRevision: verdict.waiverRevision,
    outbox: ['verdict'],
    ...(before !== undefined && { replaced: Replaced.parse(before) }),
  };
}

/** Only a FAIL ends a trust before its time (rule 4.4, failed scans keep the verdict). */
function revoked<T extends Pick<RegisterRow, 'statement' | 'revokedBy'>>(row: T, verdictId: string): T {
  const { statement, ...rest } = row;
  return { ...(rest as T), ...(statement !== undefined && { revokedBy: verdictId }) };
}

/** Passed, and not signed for this verdict yet. */
export function isUnsigned({ verdict, statement }: RegisterRow, now: Date): boolean {
  return verdict !== undefined && holds(verdict, now) && statement?.verdictId !== verdict.verdictId;
}

export function withStatement(
  row: RegisterRow,
  statement: NonNullable<RegisterRow['statement']>,
  signature: RegistrySignature | undefined,
): RegisterRow {
  const { revokedBy: _revoked, ...rest } = row;
  return { ...rest, statement, ...(signature !== undefined && { signature }) };
}

/**
 * A signature reached the registry, and meanwhile the image was refused: what was signed is revoked (rule
 * 4.11, sign only what the register says).
 */
export function withRevokedSignature(row: RegisterRow, signature: RegistrySignature): RegisterRow {
  return {
    ...row,
    signature,
    ...(row.verdict?.outcome === 'FAIL' && { revokedBy: row.revokedBy ?? row.verdict.verdictId }),
  };
}

/** The verdict stays: only a later verdict replaces it (rule 4.4, failed scans keep the verdict). */
export function withFailedScan(row: RegisterRow, made: FailedScan): RegisterRow {
  const judgedUpTo = made.judgedUpTo ?? row.lastFailedScan?.judgedUpTo;
  const failedScan = { ...made, ...(judgedUpTo !== undefined && { judgedUpTo }) };
  const withoutItsLease = withoutLease(row, failedScan.scanId);
  return {
    ...(failedScan.cause === 'IMAGE_GONE' ? withoutSignature(withoutItsLease) : withoutItsLease),
    lastFailedScan: failedScan,
    outbox: [...(row.outbox ?? []).filter(each => each !== 'failed-scan'), 'failed-scan'],
  };
}

/**
 * Where the image was deleted, what signed it in the registry went with it. The signer looks before it signs,
 * so forgetting does no harm.
 */
export function withoutSignature(row: RegisterRow): RegisterRow {
  if (row.signature === undefined) return row;
  const { signature: _signature, ...rest } = row;
  return rest;
}

/** Without the scan lease of this scan; one of another scan stays, since that one is still under way. */
export function withoutLease(row: RegisterRow, scanId: string | undefined): RegisterRow {
  if (row.lease === undefined || row.lease.scanId !== scanId) return row;
  const { lease: _claim, ...rest } = row;
  return rest;
}

export function withEmptyOutbox(row: RegisterRow): RegisterRow {
  const { outbox: _unannounced, ...rest } = row;
  return rest;
}

/**
 * Whether a verdict may replace the one that stands: no counter ever goes back (rule 4.2, optimistic
 * locking).
 */
export function isNewer(
  verdict: Pick<VerdictSummary, 'scanSeq' | 'policyRevision' | 'waiverRevision'>,
  row: RegisterRow,
): boolean {
  return (
    row.verdict === undefined ||
    (verdict.scanSeq >= row.verdict.scanSeq &&
      verdict.policyRevision >= row.policyRevision &&
      verdict.waiverRevision >= row.waiverRevision)
  );
}

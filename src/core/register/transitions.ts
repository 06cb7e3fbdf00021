import { dueAt } from './next-look';
import {
  duePartition,
  Replaced,
  type EndedHold,
  type Held,
  type RegisterRow,
  type RegistrySignature,
} from './row';
import { holds, type VerdictSummary } from '../evidence/verdict';
import { Limit } from '../limits';
import type { FailedScan } from '../scanning/failed-scan';
import { isMoreUrgent, type Priority } from '../scanning/priority';

/** The row as it is written: with the next version, and the keys of the index of due rows. */
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

/** A request that finds a scan under way is not lost if that fails: the retry is as urgent as the request. */
export function withPriority(row: RegisterRow, priority: Priority): RegisterRow {
  const { lease } = row;
  if (lease === undefined || !isMoreUrgent(priority, lease.priority ?? 'renewal')) return row;
  return { ...row, lease: { ...lease, priority } };
}

/** @param held the brake holds the revocation that this FAIL would be */
export function withVerdict(row: RegisterRow, verdict: VerdictSummary, held?: Held): RegisterRow {
  const {
    lastFailedScan: _failed,
    replaced: _replaced,
    held: before,
    refusedSince = row.verdict?.evaluatedAt,
    ...rest
  } = withoutLease(row, verdict.scanId);
  const replaced = row.outbox?.includes('verdict') === true ? row.replaced : row.verdict;
  return {
    ...(verdict.outcome === 'FAIL' && held === undefined ? revoked(rest, verdict.verdictId) : rest),
    verdict,
    scanSeq: Math.max(row.scanSeq, verdict.scanSeq),
    policyRevision: verdict.policyRevision,
    waiverRevision: verdict.waiverRevision,
    outbox: ['verdict'],
    ...(verdict.outcome === 'FAIL' && {
      refusedSince: row.verdict?.outcome === 'FAIL' ? refusedSince : verdict.evaluatedAt,
    }),
    ...(replaced !== undefined && { replaced: Replaced.parse(replaced) }),
    ...(held !== undefined && { held }),
    ...(before !== undefined &&
      held === undefined && { endedHold: endedHold(before, verdict.outcome, verdict.evaluatedAt) }),
  };
}

/** The hold is over: the FAIL revokes, and is published once more, so that the signer publishes that. */
export function withHoldEnded(row: RegisterRow, { verdictId }: VerdictSummary, now: Date): RegisterRow {
  const { held, ...rest } = row;
  return {
    ...revoked(rest, verdictId),
    outbox: [...new Set([...(row.outbox ?? []), 'verdict' as const])],
    ...(held !== undefined && { endedHold: endedHold(held, 'FAIL', now.toISOString()) }),
  };
}

/** Two functions may have judged the image at once: whoever orders by time must see the end last. */
function endedHold(
  { verdictId, since, pulledAt }: Held,
  outcome: EndedHold['outcome'],
  at: string,
): EndedHold {
  const endedAt = new Date(Math.max(Date.parse(at), Date.parse(since) + 1)).toISOString();
  return { verdictId, since, pulledAt, endedAt, outcome };
}

/**
 * Only a FAIL ends trust before it expires (rule 4.4, failed scans keep the verdict). The signer removes the
 * summary from the registry, so the next PASS writes one.
 */
function revoked<T extends Pick<RegisterRow, 'statement' | 'revokedBy' | 'signature'>>(
  row: T,
  verdictId: string,
): T {
  const { statement, signature, ...rest } = row;
  return {
    ...(rest as T),
    ...(signature !== undefined && { signature: withoutSummary(signature) }),
    ...(statement !== undefined && { revokedBy: verdictId }),
  };
}

function withoutSummary({ summary: _summary, ...rest }: RegistrySignature): RegistrySignature {
  return rest;
}

/** Whether the verdict is a PASS that holds, and is not signed yet. */
export function isUnsigned({ verdict, statement }: RegisterRow, now: Date): boolean {
  return verdict !== undefined && holds(verdict, now) && statement?.verdictId !== verdict.verdictId;
}

/** What only an audit let through was never trusted. */
export function withStatement(
  row: RegisterRow,
  statement: NonNullable<RegisterRow['statement']>,
  signature: RegistrySignature | undefined,
): RegisterRow {
  const { revokedBy: _revoked, ...rest } = row;
  return {
    ...rest,
    statement,
    ...(signature !== undefined && { signature }),
    ...(row.verdict?.audit !== true && { wasTrusted: true as const }),
  };
}

/**
 * A signature reached the registry while a verdict refused the image: it is revoked (rule 4.11, sign only
 * what the register says). Whoever verifies in the registry trusted it until now.
 */
export function withRevokedSignature(row: RegisterRow, signature: RegistrySignature): RegisterRow {
  return {
    ...row,
    signature,
    wasTrusted: true,
    ...(row.verdict?.outcome === 'FAIL' &&
      row.held === undefined && { revokedBy: row.revokedBy ?? row.verdict.verdictId }),
  };
}

/** The verdict stays: only a later verdict replaces it (rule 4.4, failed scans keep the verdict). */
export function withFailedScan(row: RegisterRow, made: FailedScan): RegisterRow {
  const judgedUpTo = made.judgedUpTo ?? row.lastFailedScan?.judgedUpTo;
  const priority = made.priority ?? row.lease?.priority;
  const failedScan = {
    ...made,
    ...(priority !== undefined && { priority }),
    ...(judgedUpTo !== undefined && { judgedUpTo }),
  };
  const withoutItsLease = withoutLease(row, failedScan.scanId);
  return {
    ...(failedScan.cause === 'IMAGE_GONE' ? withoutSignature(withoutItsLease) : withoutItsLease),
    lastFailedScan: failedScan,
    outbox: [...(row.outbox ?? []).filter(each => each !== 'failed-scan'), 'failed-scan'],
  };
}

/**
 * A deleted image loses its signature in the registry. The signer reads the registry before it signs, so
 * this does no harm if the signature is still there.
 */
export function withoutSignature(row: RegisterRow): RegisterRow {
  if (row.signature === undefined) return row;
  const { signature: _signature, ...rest } = row;
  return rest;
}

/** Removes the lease of this scan. The lease of another scan stays: that scan is still under way. */
export function withoutLease(row: RegisterRow, scanId: string | undefined): RegisterRow {
  if (row.lease === undefined || row.lease.scanId !== scanId) return row;
  const { lease: _lease, ...rest } = row;
  return rest;
}

export function withEmptyOutbox(row: RegisterRow): RegisterRow {
  const { outbox: _outbox, endedHold: _ended, ...rest } = row;
  return rest;
}

/**
 * Whether a verdict may replace the present one: no counter ever goes back (rule 4.2, optimistic locking).
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

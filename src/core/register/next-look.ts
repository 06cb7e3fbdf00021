import { isGone, type RegisterRow } from './row';
import { holds, type VerdictSummary } from '../evidence/verdict';
import { againAt, CAUSES, isHourly, type FailedScan } from '../scanning/failed-scan';
import { Seconds } from '../times';

/*
 * What happens next to an image, when, and why: all of it follows from its row, so that no image depends on a
 * message that may be lost.
 */

/** When somebody must look at the image again, even if no message ever arrives. */
export function dueAt(row: RegisterRow, now: Date): Date | undefined {
  const again = row.lastFailedScan === undefined ? undefined : againAt(row.lastFailedScan);
  const times = [
    row.outbox === undefined ? undefined : now.getTime() + Seconds.outboxAgain * 1000,
    row.lease === undefined ? undefined : Date.parse(row.lease.until),
    again === undefined ? undefined : Date.parse(again),
    renewalAt(row),
    earlyEnd(row.verdict, row.lastFailedScan),
    row.held === undefined ? undefined : Date.parse(row.held.until),
  ].filter(time => time !== undefined);
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

function renewalAt(row: RegisterRow): number | undefined {
  const { verdict, lastFailedScan } = row;
  if (verdict?.outcome !== 'PASS' || isGone(row)) return undefined;
  const scannedAt = Date.parse(verdict.scannedAt);
  const due =
    scannedAt +
    Math.min(
      Seconds.renewAfter * 1000,
      (Date.parse(verdict.scanHoldsUntil ?? verdict.validUntil) - scannedAt) / 3,
    );
  if (lastFailedScan === undefined) return due;
  const { cause } = lastFailedScan;
  const rest =
    CAUSES[cause].transient || isHourly(cause) ? Seconds.renewalRestTransient : Seconds.renewalRestLasting;
  return Math.max(due, Date.parse(lastFailedScan.at) + rest * 1000);
}

/**
 * Whether nobody would look at the image again by itself. If it was deleted, nobody would notice. What was
 * recorded just now is newer than any list of images.
 */
export function wouldStayForever(row: RegisterRow, now: Date): boolean {
  const { kind, verdict, lastFailedScan } = row;
  return (
    kind !== 'index' &&
    kind !== 'attachment' &&
    !isGone(row) &&
    dueAt(row, now) === undefined &&
    isSettled(verdict?.evaluatedAt, now) &&
    isSettled(lastFailedScan?.at, now)
  );
}

/** Whether an image that ECR lists was found gone: it was pushed or restored since, and no event said so. */
export function isBack(row: RegisterRow, now: Date): boolean {
  return isGone(row) && row.lease === undefined && isSettled(row.lastFailedScan?.at, now);
}

function isSettled(at: string | undefined, now: Date): boolean {
  return at === undefined || Date.parse(at) < now.getTime() - Seconds.eventSettled * 1000;
}

/** Why a row that is due must be looked at. Undefined: a scan is under way, or nobody asked for one. */
export function reasonToLook(
  row: RegisterRow,
  now: Date,
): 'publish' | 'fold' | 'judge' | 'retry' | 'renewal' | 'reconcile' | undefined {
  if (row.outbox !== undefined) return 'publish';
  if (row.held !== undefined && Date.parse(row.held.until) <= now.getTime()) return 'publish';
  if (row.lease !== undefined && Date.parse(row.lease.until) > now.getTime()) return undefined;
  if (row.lastFailedScan !== undefined && againAt(row.lastFailedScan) !== undefined) return 'retry';
  if (row.verdict !== undefined) {
    return row.kind === 'index'
      ? 'fold'
      : hasEndedEarly(row.verdict, row.lastFailedScan, now)
        ? 'judge'
        : 'renewal';
  }
  return row.lease === undefined ? undefined : 'reconcile'; // its build never reported back
}

/** Which policy and waivers judge. They never go back (rule 4.2, optimistic locking). */
export interface Revisions {
  readonly policy: number;
  readonly waivers: number;
}

/**
 * Whether the image must be judged again from its stored report (rule 4.9, re-evaluation): the policy or
 * the waivers are newer than those that judged it, or a waiver or a grace period of its verdict has ended.
 * A policy that could not be read may be readable now.
 */
export function isJudgedByOlder(row: RegisterRow, revisions: Revisions, now: Date): boolean {
  const { kind, verdict, lastFailedScan } = row;
  if (kind !== 'image' || (isGone(row) && (verdict === undefined || !holds(verdict, now)))) return false;
  const failedScan = lastFailedScan?.judgedUpTo ?? {
    policy: lastFailedScan?.policyRevision,
    waivers: undefined,
  };
  const policy = Math.max(verdict?.policyRevision ?? -1, failedScan.policy ?? -1);
  const waivers = Math.max(verdict?.waiverRevision ?? -1, failedScan.waivers ?? -1);
  return (
    (policy >= 0 && policy < revisions.policy) ||
    (waivers >= 0 && waivers < revisions.waivers) ||
    lastFailedScan?.cause === 'POLICY_INVALID' ||
    hasEndedEarly(verdict, lastFailedScan, now)
  );
}

/**
 * When a PASS ends because of a waiver or a grace period, before its scan is too old. A new scan would not
 * help: the stored one says what is refused from then on. Undefined if that judgement was tried since and
 * was indeterminate: then only a new scan helps.
 */
function earlyEnd(
  verdict: VerdictSummary | undefined,
  failedScan: FailedScan | undefined,
): number | undefined {
  if (
    verdict?.outcome !== 'PASS' ||
    verdict.scanHoldsUntil === undefined ||
    verdict.validUntil >= verdict.scanHoldsUntil
  ) {
    return undefined;
  }
  const judgedAt = failedScan?.judgedUpTo?.at;
  return judgedAt !== undefined && judgedAt >= verdict.validUntil
    ? undefined
    : Date.parse(verdict.validUntil);
}

function hasEndedEarly(
  verdict: VerdictSummary | undefined,
  failedScan: FailedScan | undefined,
  now: Date,
): boolean {
  return (earlyEnd(verdict, failedScan) ?? Infinity) <= now.getTime();
}

/**
 * Whether an audit let the image through and is not the active policy any more. An audit refuses nothing,
 * so its PASS counts only as long as that audit is active: otherwise the deployment that turns enforcement
 * on would be the one that it does not hold for.
 */
export function passedEndedAudit(
  { verdict }: RegisterRow,
  activePolicyRevision: number | undefined,
): boolean {
  return verdict?.audit === true && verdict.policyRevision !== activePolicyRevision;
}

/** Whether nothing is known about the image, and nothing is on its way: perhaps its event was lost. */
export function isUnknown({ kind, verdict, lastFailedScan, lease, children }: RegisterRow): boolean {
  return (
    kind !== 'attachment' &&
    verdict === undefined &&
    lastFailedScan === undefined &&
    lease === undefined &&
    children === undefined
  );
}

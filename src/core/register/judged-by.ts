import { earlyEnd } from './early-end';
import type { RegisterRow } from './row';
import { holds, type VerdictSummary } from '../evidence/verdict';
import type { FailedScan } from '../scanning/failed-scan';

/** What judges: rule 4.2 (optimistic locking) compares these. */
export interface Revisions {
  readonly policy: number;
  readonly waivers: number;
}

/**
 * Whether what the image was judged by is not what judges now: another policy or other waivers (rule 4.9,
 * re-evaluation), or a day on which a waiver or a grace period ended. A policy that could not be read may be
 * readable now.
 */
export function isJudgedByOlder(
  { kind, verdict, lastFailedScan }: RegisterRow,
  revisions: Revisions,
  now: Date,
): boolean {
  if (
    kind !== 'image' ||
    (lastFailedScan?.cause === 'IMAGE_GONE' && (verdict === undefined || !holds(verdict, now)))
  ) {
    return false;
  }
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

export function hasEndedEarly(
  verdict: VerdictSummary | undefined,
  failedScan: FailedScan | undefined,
  now: Date,
): boolean {
  return (earlyEnd(verdict, failedScan) ?? Infinity) <= now.getTime();
}

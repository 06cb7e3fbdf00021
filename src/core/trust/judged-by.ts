import type { RegisterRow } from './register-row';
import type { Attempt } from '../scanning/attempt';
import { endsEarly, type VerdictSummary } from '../verdict';

/** What judges: rule 4.2 compares these. */
export interface Revisions { readonly policy: number; readonly waivers: number }

/**
 * Whether what the image was judged by is not what judges now: another policy or other waivers (rule 4.9), or a day on which a waiver or a window ended.
 * A policy that could not be read may be readable now.
 */
export function isJudgedByOlder({ kind, verdict, lastAttempt }: RegisterRow, revisions: Revisions, now: Date): boolean {
  if (kind !== 'image' || (lastAttempt?.cause === 'IMAGE_GONE' && !holds(verdict, now))) return false;
  const policy = Math.max(verdict?.policyRevision ?? -1, lastAttempt?.policyRevision ?? -1);
  const waivers = Math.max(verdict?.waiverRevision ?? -1, lastAttempt?.waiverRevision ?? -1);
  return (policy >= 0 && policy < revisions.policy) || (waivers >= 0 && waivers < revisions.waivers)
    || lastAttempt?.cause === 'POLICY_INVALID' || (verdict !== undefined && hasEndedEarly(verdict, now) && !wasJudgedSince(verdict.validUntil, lastAttempt));
}

function holds(verdict: VerdictSummary | undefined, now: Date): boolean {
  return verdict?.outcome === 'PASS' && Date.parse(verdict.validUntil) > now.getTime();
}

/** Whoever could not tell then, cannot tell an hour later. */
function wasJudgedSince(time: string, attempt: Attempt | undefined): boolean {
  return attempt?.policyRevision !== undefined && attempt.at >= time;
}

/** What bounds it is not the age of its scan: a new one would not help, and the stored one says what is refused now. */
export function hasEndedEarly(verdict: VerdictSummary, now: Date): boolean {
  return endsEarly(verdict) && Date.parse(verdict.validUntil) <= now.getTime();
}

import type { Claim, RegisterRow } from '../trust/register-row';
import type { ScanRequest } from './scan-request';

export type ScanDecision =
  | { readonly action: 'skip'; readonly why: string }
  /** Claimed, but StartBuild was never confirmed: ask again with the same scan id. */
  | { readonly action: 'resume'; readonly claim: Claim }
  | { readonly action: 'scan' };

/** A claim without a build may be between two calls of a sibling: only after this long is it taken for a crash. */
const RESUME_AFTER_SECONDS = 60;
/** CodeBuild keeps an idempotency token for five minutes; after that the lease has to end first. */
const RESUME_UNTIL_SECONDS = 280;

/** Is a scan needed? The same wish ten times, in any order, is one scan (rules 4.1, 4.6). */
export function decideScan(row: RegisterRow, request: Pick<ScanRequest, 'reason' | 'at'>, now: Date): ScanDecision {
  if (row.claim !== undefined && Date.parse(row.claim.leaseUntil) > now.getTime()) return underWay(row.claim, now);

  const asked = Date.parse(request.at);
  const { verdict, lastAttempt, claim } = row;
  switch (request.reason) {
    case 'push':
    case 'untagged-push':
    case 'index':
    case 'reconcile':
      if (verdict !== undefined && lastAttempt === undefined) return skip('it has a verdict');
      if (lastAttempt === undefined) return { action: 'scan' };
      if (lastAttempt.retryAt !== undefined && Date.parse(lastAttempt.retryAt) > now.getTime()) return skip(`its retry is due at ${lastAttempt.retryAt}`);
      if (request.reason === 'reconcile') return lastAttempt.retryAt === undefined ? skip(`its last attempt ended in ${lastAttempt.cause}`) : { action: 'scan' };
      return asked <= Date.parse(lastAttempt.at) ? skip('an attempt that began later covers it') : { action: 'scan' };
    case 'retry':
      return lastAttempt?.retryAt === undefined ? skip('no retry is due') : { action: 'scan' };
    case 'renewal':
    case 'request': {
      const covered = Math.max(verdict === undefined ? 0 : Date.parse(verdict.scannedAt), claim === undefined ? 0 : Date.parse(claim.at), lastAttempt === undefined ? 0 : Date.parse(lastAttempt.at));
      return asked <= covered ? skip('a scan that began later covers it') : { action: 'scan' };
    }
  }
}

function underWay(claim: Claim, now: Date): ScanDecision {
  const seconds = (now.getTime() - Date.parse(claim.at)) / 1000;
  if (claim.buildId === undefined && seconds >= RESUME_AFTER_SECONDS && seconds < RESUME_UNTIL_SECONDS) return { action: 'resume', claim };
  return skip(`scan ${claim.scanId} is under way`);
}

function skip(why: string): ScanDecision {
  return { action: 'skip', why };
}

import type { Claim, RegisterRow } from './row';
import { hasRunOut } from '../evidence/verdict';
import type { ScanRequest } from '../scanning/scan-request';

export type ScanDecision =
  | { readonly action: 'skip'; readonly why: string }
  /** Too early to say: the same question once more, then. */
  | { readonly action: 'wait'; readonly seconds: number; readonly why: string }
  /** Claimed, but StartBuild was never confirmed: ask again with the same scan id. */
  | { readonly action: 'resume'; readonly claim: Claim }
  | { readonly action: 'scan' };

/**
 * A claim without a build may be between two calls of a sibling: only after this long is it taken for a
 * crash.
 */
const RESUME_AFTER_SECONDS = 60;
/** CodeBuild keeps an idempotency token for five minutes; after that the lease has to end first. */
const RESUME_UNTIL_SECONDS = 280;
const LONGEST_WAIT_SECONDS = 900;

/** Is a scan needed? The same wish ten times, in any order, is one scan (rules 4.1, 4.6). */
export function decideScan(
  row: RegisterRow,
  request: Pick<ScanRequest, 'reason' | 'at'>,
  now: Date,
): ScanDecision {
  if (row.claim !== undefined && Date.parse(row.claim.leaseUntil) > now.getTime()) {
    return underWay(row.claim, now);
  }

  const asked = Date.parse(request.at);
  const { verdict, lastAttempt, claim } = row;
  switch (request.reason) {
    case 'push':
    case 'untagged-push':
    case 'index':
    case 'reconcile':
    case 'enrolment':
      // one that ran out was renewed by nobody: its repository was not enrolled, or the scanner was out of
      // order for longer than anybody looks back
      if (lastAttempt === undefined) {
        return verdict === undefined || hasRunOut(verdict, now)
          ? { action: 'scan' }
          : skip('it has a verdict');
      }
      if (lastAttempt.retryAt !== undefined && Date.parse(lastAttempt.retryAt) > now.getTime()) {
        return skip(`its retry is due at ${lastAttempt.retryAt}`);
      }
      if (request.reason === 'reconcile' || request.reason === 'enrolment') {
        return lastAttempt.retryAt === undefined
          ? skip(`its last attempt ended in ${lastAttempt.cause}`)
          : { action: 'scan' };
      }
      return asked <= Date.parse(lastAttempt.at)
        ? skip('an attempt that began later covers it')
        : { action: 'scan' };
    case 'retry':
      if (lastAttempt?.retryAt === undefined) return skip('no retry is due');
      return Date.parse(lastAttempt.retryAt) > now.getTime()
        ? wait(lastAttempt.retryAt, now, 'its retry is not due yet')
        : { action: 'scan' };
    case 'renewal':
    case 'request': {
      const covered = [verdict?.scannedAt, claim?.at, lastAttempt?.at].map(time =>
        time === undefined ? 0 : Date.parse(time),
      );
      return asked <= Math.max(...covered) ? skip('a scan that began later covers it') : { action: 'scan' };
    }
  }
}

function underWay(claim: Claim, now: Date): ScanDecision {
  if (claim.buildId !== undefined) return skip(`scan ${claim.scanId} is under way`);
  // Nobody may ever hear of a claim without a build again: who meets it stays until it is clear what became
  // of it.
  const resumeAt = Date.parse(claim.at) + RESUME_AFTER_SECONDS * 1000;
  if (now.getTime() < resumeAt) {
    return wait(new Date(resumeAt).toISOString(), now, `scan ${claim.scanId} is about to start`);
  }
  if (now.getTime() < Date.parse(claim.at) + RESUME_UNTIL_SECONDS * 1000) return { action: 'resume', claim };
  return wait(claim.leaseUntil, now, `scan ${claim.scanId} was claimed and perhaps never started`);
}

function wait(until: string, now: Date, why: string): ScanDecision {
  return {
    action: 'wait',
    seconds: Math.min(LONGEST_WAIT_SECONDS, Math.ceil((Date.parse(until) - now.getTime()) / 1000)),
    why,
  };
}

function skip(why: string): ScanDecision {
  return { action: 'skip', why };
}

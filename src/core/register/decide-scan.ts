import { Seconds } from '../times';
import type { ScanLease, RegisterRow } from './row';
import { hasExpired } from '../evidence/verdict';
import { againAt } from '../scanning/failed-scan';
import type { ScanRequest } from '../scanning/scan-request';

export type ScanDecision =
  | { readonly action: 'skip'; readonly why: string }
  /** Too early to say: ask again after these seconds. */
  | { readonly action: 'wait'; readonly seconds: number; readonly why: string }
  /** Leased, but StartBuild was never confirmed: start the build again, with the same scan id. */
  | { readonly action: 'resume'; readonly lease: ScanLease }
  | { readonly action: 'scan' };

/** Whether a scan is needed. The same request ten times, in any order, is one scan (rules 4.1, 4.6). */
export function decideScan(
  row: RegisterRow,
  request: Pick<ScanRequest, 'reason' | 'at'>,
  now: Date,
): ScanDecision {
  if (row.lease !== undefined && Date.parse(row.lease.until) > now.getTime()) {
    return underWay(row.lease, now);
  }

  const asked = Date.parse(request.at);
  const { verdict, lastFailedScan, lease } = row;
  switch (request.reason) {
    case 'push':
    case 'untagged-push':
    case 'index':
    case 'reconcile':
    case 'enrolment':
      // a verdict that expired was not renewed: its repository was not enrolled, or the scanner was broken
      // for longer than reconcile looks back
      if (lastFailedScan === undefined) {
        return verdict === undefined || hasExpired(verdict, now)
          ? { action: 'scan' }
          : skip('it has a verdict');
      }
      if (lastFailedScan.retryAt !== undefined && Date.parse(lastFailedScan.retryAt) > now.getTime()) {
        return skip(`its retry is due at ${lastFailedScan.retryAt}`);
      }
      if (request.reason === 'reconcile' || request.reason === 'enrolment') {
        return lastFailedScan.retryAt === undefined
          ? skip(`its last failed scan ended in ${lastFailedScan.cause}`)
          : { action: 'scan' };
      }
      return asked <= Date.parse(lastFailedScan.at)
        ? skip('a failed scan that began later covers it')
        : { action: 'scan' };
    case 'retry': {
      const again = lastFailedScan === undefined ? undefined : againAt(lastFailedScan);
      if (again === undefined) return skip('no retry is due');
      return Date.parse(again) > now.getTime()
        ? wait(again, now, 'its retry is not due yet')
        : { action: 'scan' };
    }
    case 'renewal':
    case 'request': {
      const covered = [verdict?.scannedAt, lease?.at, lastFailedScan?.at].map(time =>
        time === undefined ? 0 : Date.parse(time),
      );
      return asked <= Math.max(...covered) ? skip('a scan that began later covers it') : { action: 'scan' };
    }
  }
}

function underWay(lease: ScanLease, now: Date): ScanDecision {
  if (lease.buildId !== undefined) return skip(`scan ${lease.scanId} is under way`);
  // the process that took a lease without a build may have crashed: keep the message until that is clear
  const resumeAt = Date.parse(lease.at) + Seconds.leaseResumeAfter * 1000;
  if (now.getTime() < resumeAt) {
    return wait(new Date(resumeAt).toISOString(), now, `scan ${lease.scanId} is about to start`);
  }
  if (now.getTime() < Date.parse(lease.at) + Seconds.leaseResumeUntil * 1000) {
    return { action: 'resume', lease };
  }
  return wait(lease.until, now, `scan ${lease.scanId} took the scan lease and perhaps never started`);
}

function wait(until: string, now: Date, why: string): ScanDecision {
  return {
    action: 'wait',
    seconds: Math.min(Seconds.longestDeferral, Math.ceil((Date.parse(until) - now.getTime()) / 1000)),
    why,
  };
}

function skip(why: string): ScanDecision {
  return { action: 'skip', why };
}

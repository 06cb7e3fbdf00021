import { hasEndedEarly } from './judged-by';
import type { RegisterRow } from './row';

/** Why a row that is due is due. */
export function reasonToLook(
  row: RegisterRow,
  now: Date,
): 'publish' | 'fold' | 'judge' | 'retry' | 'renewal' | 'reconcile' | undefined {
  if (row.outbox !== undefined) return 'publish';
  if (row.lease !== undefined && Date.parse(row.lease.leaseUntil) > now.getTime()) return undefined;
  if (row.lastFailedScan?.retryAt !== undefined) return 'retry';
  if (row.verdict !== undefined) {
    return row.kind === 'index'
      ? 'fold'
      : hasEndedEarly(row.verdict, row.lastFailedScan, now)
        ? 'judge'
        : 'renewal';
  }
  return row.lease === undefined ? undefined : 'reconcile'; // its build never came back
}

import { hasEndedEarly } from './judged-by';
import type { RegisterRow } from './row';

/** Why a row that is due is due. */
export function reasonToLook(
  row: RegisterRow,
  now: Date,
): 'announce' | 'fold' | 'judge' | 'retry' | 'renewal' | 'reconcile' | undefined {
  if (row.unannounced !== undefined) return 'announce';
  if (row.claim !== undefined && Date.parse(row.claim.leaseUntil) > now.getTime()) return undefined;
  if (row.lastAttempt?.retryAt !== undefined) return 'retry';
  if (row.verdict !== undefined) {
    return row.kind === 'index'
      ? 'fold'
      : hasEndedEarly(row.verdict, row.lastAttempt, now)
        ? 'judge'
        : 'renewal';
  }
  return row.claim === undefined ? undefined : 'reconcile'; // its build never came back
}

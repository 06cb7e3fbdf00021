import type { VerdictSummary } from '../evidence/verdict';
import type { FailedScan } from '../scanning/failed-scan';

/**
 * When a PASS ends that a waiver or a grace period bounds, and not the age of its scan: a new scan would not help,
 * and the stored one says what is refused then. Undefined where that was asked since and indeterminate: only
 * a new scan helps then.
 */
export function earlyEnd(
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

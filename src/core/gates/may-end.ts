import type { GateRules, RequestedScan } from './gate-rules';
import type { Refusal } from './looked-at';
import type { RegisterRow } from '../register/row';
import { Seconds } from '../times';

/**
 * Whether a refusal may end by itself, so that it is worth another look. Where the gate requested a scan, the
 * scan may end most of them until it has answered. A gate that only looks waits for what is under way.
 */
export function mayEnd(
  { refused: { reason }, row, children }: Refusal,
  { requested, mayLookupRecover }: Pick<GateRules, 'requested' | 'mayLookupRecover'>,
): boolean {
  switch (reason) {
    case 'LOOKUP_FAILED':
      return mayLookupRecover;
    case 'NO_STATEMENT': // the signer is not finished
      return true;
    case 'NO_VERDICT': // the scan is not finished
      return requested !== undefined || row?.lease !== undefined;
    case 'FAILED':
    case 'REVOKED':
      return requested !== undefined && !hasScanEnded(row, children, requested);
    case 'INDETERMINATE':
    case 'EXPIRED':
      return requested !== undefined && !hasFailed(row, requested);
    case 'WRONG_KEY':
    case 'OTHER_IMAGE':
    case 'BROKEN_STATEMENT':
      return requested !== undefined && !isSignedAgain(row, requested);
    case 'NO_IMAGE':
    case 'TAG_NOT_DIGEST':
    case 'NOT_READABLE':
    case 'ELSEWHERE':
    case 'NO_SIGNATURE':
      return false;
  }
}

/** Whether the requested scan has ended, whatever verdict stood before it. */
export function hasScanEnded(
  row: RegisterRow | undefined,
  children: readonly RegisterRow[] | undefined,
  requested: RequestedScan,
): boolean {
  if (row === undefined) return false;
  return row.kind === 'index' ? allHaveAnswered(children ?? [], requested) : hasAnswered(row, requested);
}

/**
 * There is a verdict on a scan that began after the request or was under way then, or such a scan failed and
 * is not retried.
 */
function hasAnswered(row: RegisterRow, requested: RequestedScan): boolean {
  const { verdict, lease } = row;
  if (isAfter(verdict?.scannedAt, requested.at) || hasFailed(row, requested)) return true;
  // a newer policy judges stored reports again, so a new verdict may be on an old scan
  const underWay = new Date(requested.at.getTime() - Seconds.deploymentUnderWay * 1000);
  return (
    lease === undefined &&
    isAfter(verdict?.evaluatedAt, requested.at) &&
    isAfter(verdict?.scannedAt, underWay)
  );
}

/**
 * The verdict of an index depends on all of its images: all have answered, and there was time to fold them.
 */
function allHaveAnswered(children: readonly RegisterRow[], requested: RequestedScan): boolean {
  const since = new Date(requested.now.getTime() - Seconds.deploymentFold * 1000);
  return (
    children.length > 0 &&
    children.every(
      child =>
        child.lease === undefined &&
        child.lastFailedScan?.retryAt === undefined &&
        hasAnswered(child, requested) &&
        !isAfter(child.verdict?.evaluatedAt, since) &&
        !isAfter(child.lastFailedScan?.at, since),
    )
  );
}

function hasFailed(row: RegisterRow | undefined, { at }: RequestedScan): boolean {
  return isAfter(row?.lastFailedScan?.at, at) && row?.lastFailedScan?.retryAt === undefined;
}

/** Whether the signer has answered the requested scan: what is still wrong with its statement stays wrong. */
function isSignedAgain(row: RegisterRow | undefined, { at }: RequestedScan): boolean {
  return isAfter(row?.verdict?.scannedAt, at) && row?.statement?.verdictId === row?.verdict?.verdictId;
}

function isAfter(time: string | undefined, other: Date): boolean {
  return time !== undefined && Date.parse(time) >= other.getTime();
}

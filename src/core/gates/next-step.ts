import type { RegisterRow } from '../register/row';
import { Seconds } from '../times';
import type { Decision, Trusted } from '../trust/decide';
import type { Reason, Refused } from '../trust/refusal';

export type Step =
  | { readonly step: 'admit'; readonly trusted: Trusted }
  | { readonly step: 'wait'; readonly why: string }
  | { readonly step: 'refuse'; readonly refused: Refused };

export interface Waiting {
  readonly decision: Decision;
  /** Undefined if the register could not be read. */
  readonly row: RegisterRow | undefined;
  /** The rows of the images of an index. */
  readonly children?: readonly RegisterRow[];
  readonly requestedAt: Date;
  readonly now: Date;
  readonly waitSeconds: number;
}

/**
 * A deployment requested a scan, and looks at the register repeatedly. Trust admits the image at once, also
 * if it is older than the request. A refusal counts once the requested scan has ended, or when the time is
 * over.
 */
export function nextStep({ decision, waitSeconds, ...waiting }: Waiting): Step {
  if (decision.trusted) return { step: 'admit', trusted: decision };
  const waited = Math.round((waiting.now.getTime() - waiting.requestedAt.getTime()) / 1000);
  if (isFinal(decision.reason, waiting, waited)) return { step: 'refuse', refused: decision };
  if (waited < waitSeconds) {
    return { step: 'wait', why: `${decision.reason}: ${decision.says}; ${waited} of ${waitSeconds} seconds` };
  }
  return {
    step: 'refuse',
    refused: {
      ...decision,
      says: `${decision.says}; nothing changed within ${Math.round(waited / 60)} minutes`,
    },
  };
}

function isFinal(
  reason: Reason,
  { row, children, requestedAt, now }: Omit<Waiting, 'decision' | 'waitSeconds'>,
  waited: number,
): boolean {
  if (row === undefined) return waited >= Seconds.deploymentLookup;
  switch (reason) {
    case 'FAILED':
    case 'REVOKED':
      return hasScanEnded({ row, children, requestedAt, now });
    case 'INDETERMINATE':
    case 'EXPIRED':
      return hasFailed(row, requestedAt);
    case 'NO_VERDICT': // the scan is not finished
    case 'NO_STATEMENT': // the signer is not finished
      return false;
    case 'WRONG_KEY':
    case 'OTHER_IMAGE':
    case 'BROKEN_STATEMENT':
      return (
        isAfter(row.verdict?.scannedAt, requestedAt) && row.statement?.verdictId === row.verdict?.verdictId
      ); // signed again, and still wrong
    case 'NO_IMAGE':
    case 'TAG_NOT_DIGEST': // does not occur: a deployment resolves its tag
    case 'NOT_READABLE': // the next two do not occur either: its image is named by its parts
    case 'ELSEWHERE':
    case 'NO_SIGNATURE': // does not occur: a deployment does not read the registry
    case 'LOOKUP_FAILED':
      return true;
  }
}

/** Whether the requested scan has ended, whatever verdict stood before it. */
export function hasScanEnded({
  row,
  children,
  requestedAt,
  now,
}: Omit<Waiting, 'decision' | 'waitSeconds'>): boolean {
  if (row === undefined) return false;
  return row.kind === 'index'
    ? allHaveAnswered(children ?? [], requestedAt, now)
    : hasAnswered(row, requestedAt);
}

/**
 * There is a verdict on a scan that began after the request or was under way then, or such a scan failed and
 * is not retried.
 */
function hasAnswered(row: RegisterRow, requestedAt: Date): boolean {
  const { verdict, lease } = row;
  if (isAfter(verdict?.scannedAt, requestedAt) || hasFailed(row, requestedAt)) return true;
  // a newer policy judges stored reports again, so a new verdict may be on an old scan
  const underWay = new Date(requestedAt.getTime() - Seconds.deploymentUnderWay * 1000);
  return (
    lease === undefined && isAfter(verdict?.evaluatedAt, requestedAt) && isAfter(verdict?.scannedAt, underWay)
  );
}

/**
 * The verdict of an index depends on all of its images: all have answered, and there was time to fold them.
 */
function allHaveAnswered(children: readonly RegisterRow[], requestedAt: Date, now: Date): boolean {
  const since = new Date(now.getTime() - Seconds.deploymentFold * 1000);
  return (
    children.length > 0 &&
    children.every(
      child =>
        child.lease === undefined &&
        child.lastFailedScan?.retryAt === undefined &&
        hasAnswered(child, requestedAt) &&
        !isAfter(child.verdict?.evaluatedAt, since) &&
        !isAfter(child.lastFailedScan?.at, since),
    )
  );
}

function hasFailed({ lastFailedScan }: RegisterRow, requestedAt: Date): boolean {
  return isAfter(lastFailedScan?.at, requestedAt) && lastFailedScan?.retryAt === undefined;
}

function isAfter(time: string | undefined, other: Date): boolean {
  return time !== undefined && Date.parse(time) >= other.getTime();
}

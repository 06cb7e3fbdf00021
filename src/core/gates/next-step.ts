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
  /** Undefined where the register could not be read. */
  readonly row: RegisterRow | undefined;
  /** Of an index: the rows of its images. */
  readonly children?: readonly RegisterRow[];
  readonly requestedAt: Date;
  readonly now: Date;
  readonly waitSeconds: number;
}

/**
 * A deployment asked for a scan, and looks again and again. Trust admits at once, also an older one; a
 * refusal counts once the scan that was asked for has ended, or when there is no more time.
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
      says: `${decision.says}; nothing else was heard within ${Math.round(waited / 60)} minutes`,
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
    case 'NO_VERDICT': // the scan is on its way
    case 'NO_STATEMENT': // the signer is
      return false;
    case 'WRONG_KEY':
    case 'OTHER_IMAGE':
    case 'BROKEN_STATEMENT':
      return (
        isAfter(row.verdict?.scannedAt, requestedAt) && row.statement?.verdictId === row.verdict?.verdictId
      ); // signed anew, and still wrong
    case 'NO_IMAGE':
    case 'TAG_NOT_DIGEST': // a deployment looks up once what a tag names
    case 'NO_SIGNATURE': // of the registry, which no deployment asks
    case 'LOOKUP_FAILED':
      return true;
  }
}

/** Whether what was asked for has come to an end, whatever stood there before and still holds. */
export function hasScanEnded({
  row,
  children,
  requestedAt,
  now,
}: Omit<Waiting, 'decision' | 'waitSeconds'>): boolean {
  if (row === undefined) return false;
  return row.kind === 'index' ? hasSettled(children ?? [], requestedAt, now) : hasAnswered(row, requestedAt);
}

/**
 * A verdict on what was found after the request, or on what a scan found that was under way then; or that
 * scan was indeterminate, and is not tried again.
 */
function hasAnswered(row: RegisterRow, requestedAt: Date): boolean {
  const { verdict, lease } = row;
  if (isAfter(verdict?.scannedAt, requestedAt) || hasFailed(row, requestedAt)) return true;
  // a newer policy judges stored reports again: that a verdict is new does not say that what it judges is
  const underWay = new Date(requestedAt.getTime() - Seconds.deploymentUnderWay * 1000);
  return (
    lease === undefined && isAfter(verdict?.evaluatedAt, requestedAt) && isAfter(verdict?.scannedAt, underWay)
  );
}

/** An index changes with each of its images: all of them have answered, and there was time to fold that. */
function hasSettled(children: readonly RegisterRow[], requestedAt: Date, now: Date): boolean {
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

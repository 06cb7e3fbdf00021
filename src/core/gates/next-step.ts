import type { Decision, Trusted } from '../trust/decide';
import type { Reason, Refused } from '../trust/refusal';
import type { RegisterRow } from '../trust/register-row';

export type Step =
  | { readonly step: 'admit'; readonly trusted: Trusted }
  | { readonly step: 'wait'; readonly why: string }
  | { readonly step: 'refuse'; readonly refused: Refused };

export interface Waiting {
  readonly decision: Decision;
  /** Undefined where the register could not be read. */
  readonly row: RegisterRow | undefined;
  readonly requestedAt: Date;
  readonly now: Date;
  readonly waitSeconds: number;
}

/** What a new function may not do yet, IAM lets it do within minutes. */
const LOOKUP_SECONDS = 300;
/** An index changes with each of its images: only what has stood for so long is its last word. */
const SETTLE_SECONDS = 300;

/**
 * A deployment asked for a scan, and looks again and again. Trust admits at once, also an older one; a refusal counts once the scan that was asked
 * for has ended, or when there is no more time.
 */
export function nextStep({ decision, row, requestedAt, now, waitSeconds }: Waiting): Step {
  if (decision.trusted) return { step: 'admit', trusted: decision };
  const waited = Math.round((now.getTime() - requestedAt.getTime()) / 1000);
  if (isFinal(decision.reason, row, { requestedAt, now, waited })) return { step: 'refuse', refused: decision };
  if (waited < waitSeconds) return { step: 'wait', why: `${decision.reason}: ${decision.says}; ${waited} of ${waitSeconds} seconds` };
  return { step: 'refuse', refused: { ...decision, says: `${decision.says}; nothing else was heard within ${Math.round(waited / 60)} minutes` } };
}

interface Clock {
  readonly requestedAt: Date;
  readonly now: Date;
  readonly waited: number;
}

function isFinal(reason: Reason, row: RegisterRow | undefined, { requestedAt, now, waited }: Clock): boolean {
  if (row === undefined) return waited >= LOOKUP_SECONDS;
  const { verdict, statement, lastAttempt, kind, claim } = row;
  const isAfter = (time: string | undefined) => time !== undefined && Date.parse(time) >= requestedAt.getTime();
  const hasFailedFor = isAfter(lastAttempt?.at) && lastAttempt?.retryAt === undefined;
  switch (reason) {
    case 'FAILED':
    case 'REVOKED':
      if (isAfter(verdict?.scannedAt) || hasFailedFor) return true;
      // a scan that was under way covers the request; an older one that a newer policy judges, or an index whose images are scanned, does not
      if (!isAfter(verdict?.evaluatedAt)) return false;
      return kind === 'index' ? now.getTime() - Date.parse(verdict!.evaluatedAt) >= SETTLE_SECONDS * 1000 : claim === undefined;
    case 'NO_VERDICT':
      return kind === 'attachment';
    case 'COULD_NOT_TELL':
    case 'EXPIRED':
      return hasFailedFor;
    case 'NO_STATEMENT':
      return false; // the signer is on its way
    case 'WRONG_KEY':
    case 'OTHER_IMAGE':
    case 'BROKEN_STATEMENT':
      return isAfter(verdict?.scannedAt) && statement?.verdictId === verdict?.verdictId; // signed anew, and still wrong
    case 'NO_SIGNATURE': // of the registry, which no deployment asks
    case 'TAG_NOT_DIGEST':
    case 'UNKNOWN_REGISTRY':
    case 'LOOKUP_FAILED':
      return true;
  }
}

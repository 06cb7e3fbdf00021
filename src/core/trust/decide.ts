import { REFUSALS, refused, type Refused } from './refusal';
import type { ImageName } from '../image/image';
import type { RegisterRow } from '../register/row';
import { CAUSES } from '../scanning/failed-scan';
import { openEnvelope, PayloadType } from '../signing/dsse';
import { RegisterStatement, whyNotFor, type StatementClaims } from '../signing/statement';
import { whyReplaced, type VerificationKey } from '../signing/verification-key';

export interface Trusted {
  readonly trusted: true;
  readonly image: ImageName;
  readonly validUntil: string;
  /** The image does not pass: the brake holds its revocation until `validUntil`, for this reason. */
  readonly heldBecause?: string;
}

export type Decision = Trusted | Refused;

/**
 * Whether an image may run: the register's newest verdict is PASS and has not expired, and a statement that
 * one of the pinned keys signed says so of exactly this image and has not expired either. Where the brake
 * holds a revocation, the statement of the PASS before counts for a while (0044). Everything else is refused.
 */
export function decide(
  image: ImageName,
  row: RegisterRow,
  keys: readonly VerificationKey[],
  now: Date,
): Decision {
  if (row.pk !== image) return refused(image, 'OTHER_IMAGE', `the register answered with ${row.pk}`);
  const { verdict, statement, held } = row;
  if (verdict === undefined) return withoutVerdict(image, row);
  if (verdict.outcome !== 'PASS') {
    const checked = held && statement && checkStatement(image, statement.envelope, keys, now);
    if (checked && !('trusted' in checked) && !hasPassed(held.until, now)) {
      return { ...trustedUntil(image, held.until, checked), heldBecause: held.because };
    }
    const violations = `${verdict.violationCount} violation${verdict.violationCount === 1 ? '' : 's'}`;
    return refused(
      image,
      row.revokedBy === undefined ? 'FAILED' : 'REVOKED',
      `${violations}, scan ${verdict.scanId}${onlyByAudit(row)}${sinceThen(row)}`,
      { worst: verdict.worst },
    );
  }
  if (hasPassed(verdict.validUntil, now)) {
    return refused(image, 'EXPIRED', `it held until ${verdict.validUntil}${sinceThen(row)}`, remedyOf(row));
  }
  if (statement === undefined) return refused(image, 'NO_STATEMENT');
  const checked = checkStatement(image, statement.envelope, keys, now);
  if ('trusted' in checked) return checked;
  return trustedUntil(image, verdict.validUntil, checked);
}

/** Whether the decision depends on a statement, so on the pinned keys. */
export function countsStatement({ verdict, held }: RegisterRow): boolean {
  return verdict?.outcome === 'PASS' || held !== undefined;
}

/** Until the earlier of both. */
function trustedUntil(image: ImageName, until: string, statement: StatementClaims): Trusted {
  const validUntil = Date.parse(statement.validUntil) < Date.parse(until) ? statement.validUntil : until;
  return { trusted: true, image, validUntil };
}

/** The signature first, with pinned keys; only then what it says. */
function checkStatement(
  image: ImageName,
  envelope: unknown,
  keys: readonly VerificationKey[],
  now: Date,
): StatementClaims | Refused {
  const opened = openEnvelope(envelope, PayloadType.statement, keys);
  if (!opened.ok) {
    return refused(
      image,
      opened.error,
      opened.error === 'WRONG_KEY'
        ? `pinned: ${keys.map(({ name }) => name).join(', ') || 'none'}`
        : undefined,
    );
  }
  const { key, statement } = opened.value;
  const replaced = whyReplaced(key, now);
  if (replaced !== undefined) return refused(image, 'WRONG_KEY', replaced);
  const read = RegisterStatement.safeParse(statement);
  if (!read.success) return refused(image, 'BROKEN_STATEMENT');
  const [{ digest, annotations: claims }] = read.data.subject;
  const wrong = whyNotFor({ digest: `sha256:${digest.sha256}`, claims }, image, now);
  if (wrong !== undefined) return refused(image, wrong);
  return hasPassed(claims.validUntil, now)
    ? refused(image, 'EXPIRED', `its statement held until ${claims.validUntil}`)
    : claims;
}

function withoutVerdict(image: ImageName, { kind, attachment, lastFailedScan, lease }: RegisterRow): Refused {
  if (lastFailedScan === undefined && kind === 'attachment') {
    const ofSubject =
      attachment?.subject === undefined
        ? {}
        : { remedy: `${REFUSALS.NO_IMAGE.remedy}: ${attachment.subject} of the same repository` };
    return refused(image, 'NO_IMAGE', attachment?.type, ofSubject);
  }
  if (lastFailedScan === undefined) {
    return refused(
      image,
      'NO_VERDICT',
      lease === undefined ? undefined : `scan ${lease.scanId} is under way`,
    );
  }
  const { cause, detail } = lastFailedScan;
  return refused(image, 'INDETERMINATE', `${cause}: ${detail}`, { remedy: CAUSES[cause].remedy });
}

/** Such an image does not come back with a rollback (0040). */
function onlyByAudit({ revokedBy, wasTrusted }: RegisterRow): string {
  return revokedBy === undefined || wasTrusted === true ? '' : '; only an audit had let it through';
}

/** The refusal mentions a later scan that ended without a verdict. */
function sinceThen({ lastFailedScan }: RegisterRow): string {
  return lastFailedScan === undefined
    ? ''
    : `; a later scan ended in ${lastFailedScan.cause}: ${lastFailedScan.detail}`;
}

function remedyOf({ lastFailedScan }: RegisterRow): { remedy?: string } {
  return lastFailedScan === undefined ? {} : { remedy: CAUSES[lastFailedScan.cause].remedy };
}

function hasPassed(time: string, now: Date): boolean {
  return !(Date.parse(time) > now.getTime()); // what is no time has passed
}

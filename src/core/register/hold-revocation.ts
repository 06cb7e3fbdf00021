import type { Pulled } from './revocation-brake';
import type { Held, RegisterRow } from './row';
import { holds, type Verdict, type Violation } from '../evidence/verdict';
import { RegisterStatement } from '../signing/statement';
import { parseJson } from '../text/json';

/**
 * Rules whose refusals the brake may hold: a mistake in a policy, or in a database, can make them refuse what
 * ran well. A rule that is not listed revokes at once, also `image-age` and `end-of-life-os`: whoever builds
 * the image knows when they will refuse it, and could choose the hour.
 */
export const MAY_BE_HELD: ReadonlySet<string> = new Set([
  'allowed-base-images',
  'licenses',
  'misconfigurations',
  'rego',
  'required-labels',
  'runs-as-root',
  'vulnerabilities',
]);

/**
 * Why a FAIL revokes whatever else happens. Trivy's reports do not say which vulnerabilities are exploited,
 * so a critical one counts as if it was, and so does a finding whose severity nobody knows.
 */
export function whyNotHeld({ violations, violationCount }: Verdict): string | undefined {
  if (violations.length < violationCount) return 'it has more violations than its verdict lists';
  const worst = violations.find(each => !mayBeHeld(each));
  return worst === undefined ? undefined : `${worst.rule}: ${worst.message}`;
}

function mayBeHeld({ rule, severity }: Violation): boolean {
  if (!MAY_BE_HELD.has(rule)) return false;
  const mustSay = rule === 'rego' || rule === 'vulnerabilities';
  return severity === undefined ? !mustSay : severity !== 'CRITICAL' && severity !== 'UNKNOWN';
}

/**
 * Until when a gate would have trusted the image by what the register says before the verdict. Undefined: it
 * was not trusted. What only an audit let through was never trusted.
 */
export function trustedUntil({ verdict, statement }: RegisterRow, now: Date): string | undefined {
  if (verdict === undefined || verdict.audit === true || statement === undefined) return undefined;
  const payload = parseJson(Buffer.from(statement.envelope.payload, 'base64').toString('utf8'));
  const { data } = RegisterStatement.safeParse(payload);
  if (data === undefined || !holds(verdict, now)) return undefined;
  const until = earlier(verdict.validUntil, data.subject[0].annotations.validUntil);
  return Date.parse(until) > now.getTime() ? until : undefined;
}

/** A hold ends with the trust that it keeps, and with the brake: it makes nothing trusted for longer. */
export function heldBy(
  pulled: Pulled,
  until: string,
  { verdictId, evaluatedAt: since }: Pick<Verdict, 'verdictId' | 'evaluatedAt'>,
): Held {
  const { at: pulledAt, because } = pulled;
  return { verdictId, since, pulledAt, until: earlier(until, pulled.until), because };
}

/** Whether the image has to be revoked now: its time is over, or this pull of the brake is. */
export function hasHoldEnded({ until, pulledAt }: Held, pulled: Pulled | undefined, now: Date): boolean {
  return !(Date.parse(until) > now.getTime()) || pulled?.at !== pulledAt;
}

function earlier(one: string, other: string): string {
  return Date.parse(one) < Date.parse(other) ? one : other;
}

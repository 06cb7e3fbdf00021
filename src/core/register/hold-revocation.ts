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

/** Nothing that it finds is held, also if it only warns. */
const EXPLOITED = 'exploited-vulnerabilities';

/**
 * Why a FAIL revokes whatever else happens. Trivy's reports do not say which vulnerabilities are exploited: a
 * catalog of the policy may, and without one a critical vulnerability counts as if it was. So does a finding
 * whose severity nobody knows.
 */
export function whyNotHeld(verdict: Verdict): string | undefined {
  const { violations, rules } = verdict;
  const unknown = rules.find(({ outcome }) => outcome === 'unknown');
  if (unknown !== undefined) {
    return `the rule ${unknown.rule} is indeterminate: nobody knows what it would find`;
  }
  const never = rules.find(
    ({ rule, action, count }) =>
      count > 0 && (rule === EXPLOITED || (action === 'deny' && !MAY_BE_HELD.has(rule))),
  );
  if (never !== undefined) return `${never.rule}: ${never.count} findings`;
  const worst = violations.find(each => !mayBeHeld(each));
  return worst === undefined ? whyNotListed(verdict) : `${worst.rule}: ${worst.message}`;
}

/**
 * A verdict lists the worst violations, so a critical one is never left out for a lesser one. Of those that
 * it leaves out, rules have the number, but nobody has the severity: none may be unknown.
 */
function whyNotListed({ violations, violationCount, rules, counts }: Verdict): string | undefined {
  if (violations.length >= violationCount) return undefined;
  const denied = rules.filter(({ action }) => action === 'deny');
  const count = (of: typeof rules) => of.reduce((sum, each) => sum + each.count, 0);
  const listed = violations.filter(({ rule }) => rule === 'rego').length;
  if (count(denied) !== violationCount) return 'its rules count other violations than its verdict';
  if (count(denied.filter(({ rule }) => rule === 'rego')) > listed) {
    return 'it lists not all that Rego refuses';
  }
  return counts.UNKNOWN > 0 ? 'it lists not all violations, and some findings have no severity' : undefined;
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

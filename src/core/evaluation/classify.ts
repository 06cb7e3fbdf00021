import { gracePeriodEnd, gracePeriodKey, type GracePeriods } from './grace-periods';
import type { Deadline, Violation, Waived } from '../evidence/verdict';
import type { Image } from '../image/image';
import { Limit } from '../limits';
import { RULES } from '../policy/rules';
import type { Issue } from '../policy/rules/rule';
import type { Finding } from '../scanning/finding';
import { waiverFor, type WaiverAnswer, type WaiverSubject } from '../waivers/cover';
import { shownWaiver } from '../waivers/shown';
import type { Waivers } from '../waivers/waiver';

/** What stands beside a report when it is judged. */
export interface JudgementContext {
  readonly image: Image;
  readonly waivers: Waivers;
  readonly gracePeriods: GracePeriods;
  /** The image was trusted until now: what is found in it now was not there for anybody to see. */
  readonly wasTrusted: boolean;
  /** Fingerprints that were waived until now: a waiver that expires opens no grace period. */
  readonly waivedBefore: ReadonlySet<string>;
  readonly now: Date;
}

interface Said {
  readonly rule: string;
  readonly action: 'deny' | 'warn';
  readonly issue: Issue;
  /** Undefined where the issue is about the image as a whole. */
  readonly finding: Finding | undefined;
  /** What was found by the name that the issue gives. */
  readonly named: (id: string) => readonly Finding[];
}

export type Classified =
  { readonly waived: Waived } | { readonly deadline: Deadline } | { readonly violation: Violation };

/**
 * A waiver first, since somebody assessed the risk; then a grace period; else it counts, and says which of these
 * has ended.
 */
export function classify(said: Said, context: JudgementContext, opened: Map<string, string>): Classified {
  const {
    rule,
    action,
    issue: { graceDays, ...issue },
    finding,
    named,
  } = said;
  const violation: Violation = { rule, ...issue };
  const { waivers, image, now } = context;
  const answer =
    waivers.length === 0
      ? undefined
      : waiverFor(subjectOf(rule, violation, finding, named), image, waivers, now);
  if (answer !== undefined && 'covered' in answer) {
    const { key, owner, reason, ticket } = shownWaiver(answer.covered);
    const waiver = {
      key,
      owner,
      reason,
      ...(ticket !== undefined && { ticket }),
      until: answer.endsAt.toISOString(),
    };
    return { waived: { ...violation, action, waiver } };
  }
  const expired = answer === undefined ? '' : expiredText(answer, finding);
  const hasGracePeriod = graceDays !== undefined && action === 'deny' && finding !== undefined;
  const gracePeriod = hasGracePeriod ? gracePeriodOf(finding, graceDays, context, opened) : undefined;
  if (gracePeriod !== undefined && gracePeriod.due > context.now) {
    return { deadline: { ...violation, since: gracePeriod.since, due: gracePeriod.due.toISOString() } };
  }
  const ended =
    gracePeriod === undefined
      ? ''
      : `; its ${graceDays} days to be fixed, counted from ${gracePeriod.since}, ended at ${gracePeriod.due.toISOString()}`;
  return { violation: { ...violation, message: violation.message + expired + ended } };
}

function expiredText(
  { expired, endedAt, why }: Extract<WaiverAnswer, { expired: unknown }>,
  finding: Finding | undefined,
): string {
  const since =
    why === 'expired'
      ? ''
      : finding === undefined
        ? ', since nothing says that no version fixes it'
        : ', since a version fixes it';
  return `; the waiver of ${shownWaiver(expired).owner} expired at ${endedAt.toISOString()}${since}`;
}

function subjectOf(
  rule: string,
  { id, fingerprint }: Violation,
  finding: Finding | undefined,
  named: Said['named'],
): WaiverSubject {
  if (finding === undefined) {
    // an id can be a stranger's text, so it never stands for a rule; and the name of a rule covers what it
    // says of the image, not of each package
    const own = id === undefined || RULES.has(id) ? [] : [id];
    const found = id === undefined ? [] : named(id);
    // a policy of one's own has no easier waivers for it
    const type = found.some(each => each.type === 'secret') ? 'secret' : 'image';
    const isFixed =
      id !== undefined &&
      // of what is not found nobody can say that nothing fixes it
      (found.length === 0 || found.some(({ fixedVersion }) => fixedVersion !== undefined));
    return { ids: fingerprint === undefined ? [...own, rule] : own, type, isFixed };
  }
  const { type, purl, path, fixedVersion } = finding;
  return {
    ids: [finding.id],
    type,
    isFixed: fixedVersion !== undefined,
    ...(purl !== undefined && { purl }),
    ...(path !== undefined && { path }),
  };
}

/**
 * One is open since the repository has it, or opens now: for what nobody can fix, and for what is found in an
 * image that was trusted. What a new image brings, and a version fixes, has none: it is refused at once.
 */
function gracePeriodOf(
  finding: Finding,
  days: number,
  context: JudgementContext,
  opened: Map<string, string>,
): { since: string; due: Date } | undefined {
  const isNewInTrusted = context.wasTrusted && !context.waivedBefore.has(finding.fingerprint);
  const mayOpen =
    context.gracePeriods.size + opened.size < Limit.openGracePeriods &&
    (finding.fixedVersion === undefined || isNewInTrusted);
  if (!mayOpen && context.gracePeriods.size === 0) return undefined; // nearly always
  const key = gracePeriodKey(finding);
  const known = context.gracePeriods.get(key);
  if (known === undefined && !mayOpen) return undefined;
  const since = known ?? context.now.toISOString();
  if (known === undefined) opened.set(key, since);
  return { since, due: gracePeriodEnd(since, days) };
}

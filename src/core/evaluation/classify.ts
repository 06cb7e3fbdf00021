import { gracePeriodEnd, gracePeriodKey, type GracePeriods } from './grace-periods';
import type { Deadline, Violation, Waived } from '../evidence/verdict';
import type { Image } from '../image/image';
import { Limit } from '../limits';
import { RULES } from '../policy/rules';
import type { Issue } from '../policy/rules/rule';
import { namesOfCheck } from '../scanning/check-names';
import type { Finding } from '../scanning/finding';
import { waiverFor, type WaiverAnswer, type WaiverSubject } from '../waivers/cover';
import { shownWaiver } from '../waivers/shown';
import type { Waivers } from '../waivers/waiver';

/** What a judgement needs beside the report. */
export interface JudgementContext {
  readonly image: Image;
  readonly waivers: Waivers;
  readonly gracePeriods: GracePeriods;
  /** The image was trusted until now: what is found now was not known when it was admitted. */
  readonly wasTrusted: boolean;
  /** Fingerprints that were waived until now: a waiver that expires opens no grace period. */
  readonly waivedBefore: ReadonlySet<string>;
  readonly now: Date;
}

interface IssueOfRule {
  readonly rule: string;
  readonly action: 'deny' | 'warn';
  readonly issue: Issue;
  /** Undefined if the issue is about the image as a whole. */
  readonly finding: Finding | undefined;
  /** Findings by the id that the issue gives. */
  readonly named: (id: string) => readonly Finding[];
}

export type Classified =
  | { readonly waived: Waived }
  | { readonly deadline: Deadline }
  | { readonly violation: Violation };

/**
 * Whether an issue is waived, in its grace period, or a violation. Waivers come first, since somebody
 * assessed the risk. A violation says which waiver or grace period has ended.
 */
export function classify(
  said: IssueOfRule,
  context: JudgementContext,
  opened: Map<string, string>,
): Classified {
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
  return {
    violation: {
      ...violation,
      message: violation.message + expired + ended,
      ...(gracePeriod !== undefined && { due: gracePeriod.due.toISOString() }),
    },
  };
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
  named: IssueOfRule['named'],
): WaiverSubject {
  if (finding === undefined) {
    // an id can be untrusted text, so it never counts as the name of a rule. A waiver for a rule covers its
    // issues about the image, not about single packages
    const found = id === undefined ? [] : named(id);
    const own = id === undefined || RULES.has(id) ? [] : namesOf(id, found);
    const types = new Set(found.map(each => each.type));
    // a policy in Rego must not make secrets easier to waive
    const type = types.has('secret') ? 'secret' : types.size === 1 ? [...types][0]! : 'image';
    const isFixed =
      id !== undefined &&
      // if there is no such finding, nothing says that no version fixes it
      (found.length === 0 || found.some(({ fixedVersion }) => fixedVersion !== undefined));
    return { ids: fingerprint === undefined ? [...own, rule] : own, type, isFixed };
  }
  const { type, purl, path, fixedVersion } = finding;
  return {
    ids: namesOf(finding.id, [finding]),
    type,
    isFixed: fixedVersion !== undefined,
    ...(purl !== undefined && { purl }),
    ...(path !== undefined && { path }),
  };
}

/** Trivy's ignore files call a check by any of its names. */
function namesOf(id: string, found: readonly Finding[]): readonly string[] {
  return found.some(({ type }) => type === 'misconfiguration') ? namesOfCheck(id) : [id];
}

/**
 * The grace period of a finding: the one that the repository has, or one that opens now. It opens for what
 * no version fixes, and for what is new in a trusted image. A new image with a finding that a version fixes
 * is refused at once.
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
  if (!mayOpen && context.gracePeriods.size === 0) return undefined; // the usual case
  const key = gracePeriodKey(finding);
  const known = context.gracePeriods.get(key);
  if (known === undefined && !mayOpen) return undefined;
  const since = known ?? context.now.toISOString();
  if (known === undefined) opened.set(key, since);
  return { since, due: gracePeriodEnd(since, days) };
}

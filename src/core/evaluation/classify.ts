import { windowEnd, windowKey, type Windows } from './grace-periods';
import type { Deadline, Violation, Waived } from '../evidence/verdict';
import type { Image } from '../image/image';
import { Limit } from '../limits';
import { RULES } from '../policy/rules';
import type { Complaint } from '../policy/rules/rule';
import type { Finding } from '../scanning/finding';
import { waiverFor, type WaiverAnswer, type WaiverSubject } from '../waivers/cover';
import { shownWaiver } from '../waivers/shown';
import type { Waivers } from '../waivers/waiver';

/** What stands beside a report when it is judged. */
export interface Standing {
  readonly image: Image;
  readonly waivers: Waivers;
  readonly windows: Windows;
  /** The image was trusted until now: what is found in it now was not there for anybody to see. */
  readonly wasTrusted: boolean;
  /** Fingerprints that were waived until now: a waiver that lapses opens no window. */
  readonly waivedBefore: ReadonlySet<string>;
  readonly now: Date;
}

interface Said {
  readonly rule: string;
  readonly action: 'deny' | 'warn';
  readonly complaint: Complaint;
  /** Undefined where the complaint is about the image as a whole. */
  readonly finding: Finding | undefined;
  /** What was found by the name that the complaint gives. */
  readonly named: (id: string) => readonly Finding[];
}

export type Settled =
  { readonly waived: Waived } | { readonly deadline: Deadline } | { readonly violation: Violation };

/**
 * A waiver first, since somebody assessed the risk; then a window; else it counts, and says which of these
 * has ended.
 */
export function settle(said: Said, standing: Standing, opened: Map<string, string>): Settled {
  const {
    rule,
    action,
    complaint: { windowDays, ...complaint },
    finding,
    named,
  } = said;
  const violation: Violation = { rule, ...complaint };
  const { waivers, image, now } = standing;
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
  const lapsed = answer === undefined ? '' : lapsedText(answer, finding);
  const hasWindow = windowDays !== undefined && action === 'deny' && finding !== undefined;
  const window = hasWindow ? windowOf(finding, windowDays, standing, opened) : undefined;
  if (window !== undefined && window.due > standing.now) {
    return { deadline: { ...violation, since: window.since, due: window.due.toISOString() } };
  }
  const ended =
    window === undefined
      ? ''
      : `; its ${windowDays} days to be mended, counted from ${window.since}, ended at ${window.due.toISOString()}`;
  return { violation: { ...violation, message: violation.message + lapsed + ended } };
}

function lapsedText(
  { lapsed, endedAt, why }: Extract<WaiverAnswer, { lapsed: unknown }>,
  finding: Finding | undefined,
): string {
  const since =
    why === 'expired'
      ? ''
      : finding === undefined
        ? ', since nothing says that no version fixes it'
        : ', since a version fixes it';
  return `; the waiver of ${shownWaiver(lapsed).owner} lapsed at ${endedAt.toISOString()}${since}`;
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
function windowOf(
  finding: Finding,
  days: number,
  standing: Standing,
  opened: Map<string, string>,
): { since: string; due: Date } | undefined {
  const isNewInTrusted = standing.wasTrusted && !standing.waivedBefore.has(finding.fingerprint);
  const mayOpen =
    standing.windows.size + opened.size < Limit.openWindows &&
    (finding.fixedVersion === undefined || isNewInTrusted);
  if (!mayOpen && standing.windows.size === 0) return undefined; // nearly always
  const key = windowKey(finding);
  const known = standing.windows.get(key);
  if (known === undefined && !mayOpen) return undefined;
  const since = known ?? standing.now.toISOString();
  if (known === undefined) opened.set(key, since);
  return { since, due: windowEnd(since, days) };
}

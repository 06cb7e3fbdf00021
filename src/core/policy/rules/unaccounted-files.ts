import * as z from 'zod';
import type { RuleOutcome } from './rule';
import type { Accounting, Unanswered } from '../../scanning/accounting';
import { shownFile } from '../../scanning/package-file';
import { compileGlob } from '../../text/glob';
import { endOf } from '../../waivers/life';
import { problemWithPath } from '../../waivers/too-broad';
import { WaiverEntry } from '../../waivers/waiver';

/** What becomes of files of kinds that Trivy never reads. */
export const UNREAD_KINDS = ['warn', 'indeterminate'] as const;
export type UnreadKinds = (typeof UNREAD_KINDS)[number];

const { path, reason, expires } = WaiverEntry.shape;

/** A file that need not be in the report, in the words of a waiver. */
export const AcceptedFile = z.strictObject({
  path: path.unwrap().describe('The file in the image; * stays within a folder, ** does not.'),
  reason: reason.describe('Why nobody needs to know what is in it.'),
  expires: expires.describe('The last day on which it holds, in UTC.'),
});
export type AcceptedFile = z.infer<typeof AcceptedFile>;

/** A path that is nothing but stars would accept every gap that there is. */
export function tooBroad({ path: pattern }: AcceptedFile): string | undefined {
  return problemWithPath(pattern, 'alone')?.replace('an id', 'more').replace(', or add the id', '');
}

interface Accepting {
  readonly unreadKinds: UnreadKinds;
  readonly accepted: readonly AcceptedFile[];
  readonly now: Date;
}

/**
 * Every file that declares packages is in the report, or the reason why not is known and accepted (rule 5.9,
 * what was scanned is what runs).
 */
export function judgeFiles(accounting: Accounting, { unreadKinds, accepted, now }: Accepting): RuleOutcome {
  const entries = accepted.map(entry => ({ ...entry, glob: compileGlob(entry.path), end: endOf(entry) }));
  const ends: string[] = [];
  const left = (listed: readonly Unanswered[], count: number): Left | undefined => {
    const open = listed.filter(file => {
      const entry = entries.find(({ glob, end }) => now <= end && glob.matches(file.path));
      if (entry !== undefined) ends.push(entry.end.toISOString());
      return entry === undefined;
    });
    const rest = count - listed.length + open.length;
    const [first] = open;
    if (rest === 0) return undefined;
    const expired = first && entries.find(({ glob }) => glob.matches(first.path))?.expires;
    return { first, rest, expired };
  };
  const notCovered = left(accounting.notCovered, accounting.notCoveredCount);
  if (notCovered !== undefined) return indeterminate(sayMissing(notCovered));
  const unread = left(accounting.unread, accounting.unreadCount);
  const until = ends.length === 0 ? {} : { until: ends.sort()[0]! };
  if (unread === undefined) return { issues: [], ...until };
  if (unreadKinds === 'indeterminate') return indeterminate(`${sayUnread(unread)}; ${REMEDY.unread}`);
  return { issues: [], warnings: [{ message: sayUnread(unread), remedy: REMEDY.unread }], ...until };
}

/** What nobody accepted: the first of it that is listed, and how many there are. */
interface Left {
  readonly first: Unanswered | undefined;
  readonly rest: number;
  /** The last day of an entry that accepted it. */
  readonly expired: string | undefined;
}

const ACCEPT = 'or accept its path in the policy (coverage, accepted)';
const REMEDY = {
  notCovered: `remove it from the image, or have its package manager write it again, ${ACCEPT}`,
  unread: `find out by other means whether it has vulnerabilities, remove it from the image, ${ACCEPT}`,
} as const;

function sayMissing(left: Left): string {
  return `the report of Trivy does not cover ${named(left, 'file')}; ${REMEDY.notCovered}`;
}

function sayUnread(left: Left): string {
  return `Trivy never reads ${named(left, 'file')}`;
}

function named({ first, rest, expired }: Left, noun: string): string {
  if (first === undefined) return `${rest} ${noun}s that declare packages, and are too many to be listed`;
  const { path: file, kind, detail } = first;
  const more = rest === 1 ? '' : ` and ${rest - 1} more`;
  const since = expired === undefined ? '' : `; it was accepted until ${expired}`;
  return `${shownFile(file)} (${kind})${more}, which declare${rest === 1 ? 's' : ''} packages: ${detail}${since}`;
}

function indeterminate(detail: string): RuleOutcome {
  return { failure: { cause: 'NOT_COVERED', detail } };
}

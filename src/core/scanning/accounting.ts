import * as z from 'zod';
import type { Failure } from './failed-scan';
import { NormalFormFile } from './normal-form';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';
import { nameText, plainText } from '../text/plain-text';

/** As many as `mostListed` of `normal-form/books/account.go`. */
const MOST_LISTED = 500;
const PATH_CHARACTERS = 512;

const Count = z.int().min(0);
const shown = (characters: number) => z.string().transform(text => plainText(text, characters));

/** A file that declares packages and is not in the report, and why. */
const Unanswered = z.object({
  path: shown(PATH_CHARACTERS),
  kind: shown(40),
  detail: z.string().transform(text => nameText(text, 300)),
});
export type Unanswered = z.infer<typeof Unanswered>;

/** How many files of an image declare packages, and how Trivy's report answers them. */
export const AnswerCounts = z.object({
  declared: Count,
  accounted: Count,
  excused: z.object({
    /** By the rules of its ecosystem the file names no package. */
    nameless: Count,
    /** Packages of a language in a file of the distribution, whose advisories are about it. */
    ofDistribution: Count,
  }),
  /** Trivy reads files of the kind, and did not read these. */
  notCoveredCount: Count,
  /** Trivy never reads files of the kind. */
  unreadCount: Count,
});
export type AnswerCounts = z.infer<typeof AnswerCounts>;

/** The accounting of a scan, as it is stored. The lists have the first files only, by path. */
export const Accounting = AnswerCounts.extend({
  notCovered: z.array(Unanswered).max(MOST_LISTED),
  unread: z.array(Unanswered).max(MOST_LISTED),
});
export type Accounting = z.infer<typeof Accounting>;

/** `accounting.json`, as the reader of images writes it after the scan. */
const Document = Accounting.extend({
  version: z.literal(1),
  /** Files of the report as Trivy writes them. They are compared and never shown. */
  ofDistribution: z.array(z.string()),
}).refine(
  ({ declared, accounted, excused, notCovered, notCoveredCount, unread, unreadCount }) =>
    declared === accounted + excused.nameless + excused.ofDistribution + notCoveredCount + unreadCount &&
    isListOf(notCovered, notCoveredCount) &&
    isListOf(unread, unreadCount),
);

function isListOf(listed: readonly Unanswered[], count: number): boolean {
  return listed.length <= count && listed.length > 0 === count > 0;
}

export interface ReadAccounting {
  readonly accounting: Accounting;
  /** Files with packages of a language that are the distribution's own. */
  readonly ofDistribution: readonly string[];
}

/** Reads `accounting.json`. One whose counts do not add up is not as it was written. */
export function readAccounting(text: string): Result<ReadAccounting, Failure> {
  const document = Document.safeParse(parseJson(text));
  if (!document.success) {
    return failed({
      cause: 'REPORT_INVALID',
      detail: `${NormalFormFile.accounting} is not as the reader of images writes it`,
    });
  }
  const { version: _version, ofDistribution, ...accounting } = document.data;
  return ok({ accounting, ofDistribution });
}

export function answerCounts({
  notCovered: _notCovered,
  unread: _unread,
  ...counts
}: Accounting): AnswerCounts {
  return counts;
}

/** `214 files declare packages: 200 are in Trivy's report, …` */
export function answersText({
  declared,
  accounted,
  excused,
  notCoveredCount,
  unreadCount,
}: AnswerCounts): string {
  const answers: readonly (readonly [number, string])[] = [
    [accounted, "in Trivy's report"],
    [excused.ofDistribution, 'in files of the distribution, whose advisories are about them'],
    [excused.nameless, 'without the name of a package'],
    [notCoveredCount, 'not covered by the scan'],
    [unreadCount, 'of kinds that Trivy never reads'],
  ];
  const said = answers.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const files = declared === 1 ? '1 file declares' : `${declared} files declare`;
  return `${files} packages${said.length === 0 ? '' : `: ${said.join(', ')}`}`;
}

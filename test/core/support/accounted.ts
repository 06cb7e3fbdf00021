import type { Accounting, Unanswered } from '../../../src/core/scanning/accounting';

/** Of an image of which every file that declares packages is in the report, but for those that are given. */
export function accounting(
  changes: { readonly notCovered?: readonly Unanswered[]; readonly unread?: readonly Unanswered[] } = {},
): Accounting {
  const { notCovered = [], unread = [] } = changes;
  return {
    declared: 5 + notCovered.length + unread.length,
    accounted: 3,
    excused: { nameless: 1, ofDistribution: 1 },
    notCovered: [...notCovered],
    notCoveredCount: notCovered.length,
    unread: [...unread],
    unreadCount: unread.length,
  };
}

/** `accounting.json`, as the reader of images writes it. */
export function accountingFile(
  of: Accounting = accounting(),
  ofDistribution: readonly string[] = [],
): string {
  return JSON.stringify({ version: 1, ...of, ofDistribution });
}

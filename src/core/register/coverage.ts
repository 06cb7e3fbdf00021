import { isGone, type RegisterRow } from './row';
import { holds } from '../evidence/verdict';

/** How many images are in which state, and what was found in them: a point of the dashboard. */
export interface Coverage {
  /** With a PASS that holds. */
  readonly passed: number;
  readonly refused: number;
  /** Refused, and their revocation is held by the brake. */
  readonly held: number;
  /** Without a verdict, or with a PASS that has expired. */
  readonly unjudged: number;
  /** Findings of images whose verdict holds or refuses them, waived ones too. */
  readonly critical: number;
  readonly high: number;
}

export const NO_COVERAGE: Coverage = { passed: 0, refused: 0, held: 0, unjudged: 0, critical: 0, high: 0 };

/**
 * Adds one row. Indexes and attachments are no images of their own: their images have rows. An image that a
 * scan found gone is left out.
 */
export function withRow(coverage: Coverage, row: RegisterRow, now: Date): Coverage {
  const { kind, verdict } = row;
  if (kind === 'index' || kind === 'attachment' || isGone(row)) return coverage;
  const isRefused = verdict?.outcome === 'FAIL';
  if (verdict === undefined || !(isRefused || holds(verdict, now))) {
    return { ...coverage, unjudged: coverage.unjudged + 1 };
  }
  return {
    ...coverage,
    ...(isRefused ? { refused: coverage.refused + 1 } : { passed: coverage.passed + 1 }),
    held: coverage.held + (row.held === undefined ? 0 : 1),
    critical: coverage.critical + (verdict.counts.CRITICAL ?? 0),
    high: coverage.high + (verdict.counts.HIGH ?? 0),
  };
}

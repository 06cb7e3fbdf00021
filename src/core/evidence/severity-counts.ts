import type { SeverityCounts } from './verdict';
import { SEVERITIES, type Finding } from '../scanning/finding';

export function countBySeverity(findings: readonly Pick<Finding, 'severity'>[]): SeverityCounts {
  const counts: SeverityCounts = { CRITICAL: 0, HIGH: 0, MEDIUM: 0, LOW: 0, UNKNOWN: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

/** `2 CRITICAL, 1 LOW`. Empty if nothing was counted. */
export function severityText(counts: SeverityCounts): string {
  return SEVERITIES.filter(severity => counts[severity] > 0)
    .map(severity => `${counts[severity]} ${severity}`)
    .join(', ');
}

import type { RemediationWindow } from './grace-period';
import { VulnerabilitySeverity } from './vulnerability-severity';

/**
 * A window as a policy document says it. Throws for a severity that the rule does not refuse, and for half a
 * day.
 */
export function windowDays(
  window: RemediationWindow,
  severities: readonly VulnerabilitySeverity[],
): Record<string, number> {
  const days: Record<string, number> = {};
  for (const severity of Object.values(VulnerabilitySeverity)) {
    const duration = window[severity.toLowerCase() as keyof RemediationWindow];
    if (duration === undefined) continue;
    if (!severities.includes(severity)) {
      throw new Error(
        `a window for ${severity} is given to a rule that does not refuse it, allowed: ${severities.join(', ')}; name ${severity} among its severities`,
      );
    }
    days[severity] = duration.toDays();
  }
  return days;
}

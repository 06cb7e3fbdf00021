import type { GracePeriod } from './grace-period';
import { VulnerabilitySeverity } from './vulnerability-severity';

/**
 * A grace period as a policy document says it. Throws for a severity that the rule does not refuse, and for
 * half a day.
 */
export function graceDays(
  gracePeriod: GracePeriod,
  severities: readonly VulnerabilitySeverity[],
): Record<string, number> {
  const days: Record<string, number> = {};
  for (const severity of Object.values(VulnerabilitySeverity)) {
    const duration = gracePeriod[severity.toLowerCase() as keyof GracePeriod];
    if (duration === undefined) continue;
    if (!severities.includes(severity)) {
      throw new Error(
        `a grace period for ${severity} is given to a rule that does not refuse it, allowed: ${severities.join(', ')}; name ${severity} among its severities`,
      );
    }
    days[severity] = duration.toDays();
  }
  return days;
}

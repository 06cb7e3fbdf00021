import { about, defineRule, OTHER_SEVERITY, Severities, type LooksAt } from './rule';
import type { Severity } from '../../scanning/finding';

const LOOKS_AT: LooksAt<{ readonly severities: readonly Severity[] }> = {
  type: 'misconfiguration',
  leavesOut:
    ({ severities }) =>
    ({ severity }) =>
      severities.includes(severity) ? undefined : OTHER_SEVERITY,
};

/** Trivy's checks of the image's history and config that failed, of the named severities. */
export const misconfigurations = defineRule({
  name: 'misconfigurations',
  description: "Refuses images whose history and config fail Trivy's checks.",
  scanners: ['misconfig'],
  parameters: { severities: Severities },
  fileParameters: {
    severities: Severities.optional().describe('The severities that count. Without it CRITICAL and HIGH.'),
  },
  withDefaults: given => ({ severities: given.severities ?? ['CRITICAL', 'HIGH'] }),
  looksAt: LOOKS_AT,
  check: ({ findings }, entry) => {
    const leftOut = LOOKS_AT.leavesOut(entry);
    return {
      issues: findings
        .filter(finding => finding.type === LOOKS_AT.type && leftOut(finding) === undefined)
        .map(finding => ({
          ...about(finding),
          message: `${finding.severity} ${finding.id}: ${finding.title}; allowed: no check of the severity ${entry.severities.join(' or ')} that fails`,
          remedy: finding.remedy ?? `read what the check ${finding.id} asks for, or have the finding waived`,
        })),
    };
  },
});

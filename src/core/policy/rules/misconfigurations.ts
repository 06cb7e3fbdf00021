import { about, defineRule, Severities } from './rule';

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
  check: ({ findings }, { severities: counted }) => {
    const refused = new Set(counted);
    return {
      issues: findings
        .filter(({ type, severity }) => type === 'misconfiguration' && refused.has(severity))
        .map(finding => ({
          ...about(finding),
          message: `${finding.severity} ${finding.id}: ${finding.title}; allowed: no check of the severity ${counted.join(' or ')} that fails`,
          remedy: finding.remedy ?? `read what the check ${finding.id} asks for, or have the finding waived`,
        })),
    };
  },
});

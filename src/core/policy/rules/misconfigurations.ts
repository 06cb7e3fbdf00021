import * as z from 'zod';
import { about, defineRule } from './rule';
import { Severity } from '../../scanning/finding';

/** What Trivy's checks say of the image's history and config: those that failed, of the severities named. */
export const misconfigurations = defineRule(
  'misconfigurations',
  { severities: z.array(Severity).min(1) },
  ({ findings }, { severities }) => {
    const refused = new Set(severities);
    return {
      issues: findings
        .filter(({ type, severity }) => type === 'misconfiguration' && refused.has(severity))
        .map(finding => ({
          ...about(finding),
          message: `${finding.severity} ${finding.id}: ${finding.title}; allowed: no check of the severity ${severities.join(' or ')} that fails`,
          remedy: finding.remedy ?? `read what the check ${finding.id} wants, or have the finding waived`,
        })),
    };
  },
);

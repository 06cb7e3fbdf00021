import * as z from 'zod';
import type { Finding } from '../../scanning/finding';
import { Severity } from '../../scanning/severity';
import { about, defineRule } from '../rule';

/** Vulnerabilities of the severities named. UNKNOWN is one of them: the policy says whether it counts. */
export const vulnerabilities = defineRule('vulnerabilities', {
  severities: z.array(Severity).min(1),
  /** Leave out what no version fixes. */
  onlyFixed: z.boolean(),
}, ({ findings }, { severities, onlyFixed }) => {
  const refused = new Set(severities);
  return {
    complaints: findings
      .filter(finding => finding.type === 'vulnerability' && refused.has(finding.severity) && (!onlyFixed || finding.fixedVersion !== undefined))
      .map(finding => ({ ...about(finding), message: message(finding), remedy: remedy(finding) })),
  };
});

function message({ id, severity, package: name, installedVersion, title }: Finding): string {
  return `${severity} ${id} in ${name} ${installedVersion ?? ''}`.trimEnd() + (title === id ? '' : `: ${title}`);
}

function remedy({ package: name, fixedVersion }: Finding): string {
  return fixedVersion === undefined ? `no version of ${name} fixes it yet: remove it, or have the finding waived` : `upgrade ${name} to ${fixedVersion}`;
}

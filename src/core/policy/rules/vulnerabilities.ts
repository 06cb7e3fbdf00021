import * as z from 'zod';
import { about, defineRule } from './rule';
import { type Finding, Severity } from '../../scanning/finding';
import { notKept } from '../../scanning/trivy-report';

const Days = z.number().int().min(1).max(365);

/** Vulnerabilities of the severities named. UNKNOWN is one of them: the policy says whether it counts. */
export const vulnerabilities = defineRule(
  'vulnerabilities',
  {
    severities: z.array(Severity).min(1),
    /** Leave out what no version fixes. */
    onlyFixed: z.boolean(),
    /** Leave out what has a lower CVSS score. What has none stays: nobody knows that it is lower. */
    scoreAtLeast: z.number().min(0).max(10).optional(),
    /** How long there is to fix it, by severity. What is not named has none. */
    graceDays: z.partialRecord(Severity, Days).optional(),
  },
  ({ findings, report }, { severities, onlyFixed, scoreAtLeast, graceDays = {} }) => {
    const failure = scoreAtLeast === undefined ? undefined : notKept(report, 'scores');
    if (failure !== undefined) return { failure };
    const refused = new Set(severities);
    const counts = ({ type, severity, fixedVersion, score }: Finding) =>
      type === 'vulnerability' &&
      refused.has(severity) &&
      (!onlyFixed || fixedVersion !== undefined) &&
      !(scoreAtLeast !== undefined && score !== undefined && score < scoreAtLeast);
    return {
      issues: findings.filter(counts).map(finding => ({
        ...about(finding),
        message: message(finding, scoreAtLeast),
        remedy: remedy(finding),
        ...(graceDays[finding.severity] !== undefined && { graceDays: graceDays[finding.severity] }),
      })),
    };
  },
);

function message(
  { id, severity, package: name, installedVersion, title, score }: Finding,
  scoreAtLeast: number | undefined,
): string {
  const scored =
    scoreAtLeast === undefined
      ? ''
      : ` (${score === undefined ? 'without a CVSS score' : `CVSS ${score}`}; allowed: below ${scoreAtLeast})`;
  return (
    `${severity} ${id} in ${name} ${installedVersion ?? ''}`.trimEnd() +
    scored +
    (title === id ? '' : `: ${title}`)
  );
}

function remedy({ package: name, fixedVersion }: Finding): string {
  return fixedVersion === undefined
    ? `no version of ${name} fixes it yet: remove it, or have the finding waived`
    : `upgrade ${name} to ${fixedVersion}`;
}

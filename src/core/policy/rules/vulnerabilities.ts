import * as z from 'zod';
import { about, defineRule, OTHER_SEVERITY, Severities, type LooksAt } from './rule';
import { type Finding, Severity } from '../../scanning/finding';
import { shownFile } from '../../scanning/package-file';
import { notKept } from '../../scanning/trivy-report';

const Days = z.number().int().min(1).max(365);

interface Counted {
  readonly severities: readonly Severity[];
  readonly onlyFixed: boolean;
  readonly scoreAtLeast?: number | undefined;
}

const LOOKS_AT: LooksAt<Counted> = {
  type: 'vulnerability',
  leavesOut: ({ severities, onlyFixed, scoreAtLeast }) => {
    const counted = new Set(severities);
    return ({ severity, fixedVersion, score }) => {
      if (!counted.has(severity)) return OTHER_SEVERITY;
      if (onlyFixed && fixedVersion === undefined) {
        return 'no version fixes it yet, and the policy counts only what a version fixes';
      }
      return scoreAtLeast !== undefined && score !== undefined && score < scoreAtLeast
        ? `its CVSS score is below ${scoreAtLeast}`
        : undefined;
    };
  },
};

/** Vulnerabilities of the named severities. UNKNOWN is a severity too: it counts only if it is named. */
export const vulnerabilities = defineRule({
  name: 'vulnerabilities',
  description: 'Refuses vulnerabilities by severity, fix and score.',
  scanners: ['vuln'],
  parameters: {
    severities: Severities,
    /** Leave out those that no version fixes. */
    onlyFixed: z.boolean(),
    /** Leave out those with a lower CVSS score. One without a score counts: it is not known to be lower. */
    scoreAtLeast: z.number().min(0).max(10).optional(),
    /** The grace period by severity, in days. A severity that is not named has none. */
    graceDays: z.partialRecord(Severity, Days).optional(),
  },
  fileParameters: {
    severities: Severities.optional().describe(
      'The severities that count. Without it CRITICAL; with scoreAtLeast all but UNKNOWN.',
    ),
    onlyFixed: z.boolean().optional().describe('Leave out what no version fixes; true if it is left out.'),
  },
  withDefaults: ({ severities: given, onlyFixed = true, scoreAtLeast, graceDays }) => ({
    severities: given ?? (scoreAtLeast === undefined ? ['CRITICAL'] : ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']),
    onlyFixed,
    ...(scoreAtLeast !== undefined && { scoreAtLeast }),
    ...(graceDays !== undefined && Object.keys(graceDays as object).length > 0 && { graceDays }),
  }),
  // whoever wrote the rule believes that these severities count
  mistakes: ({ severities: counted, graceDays = {} }) =>
    Object.keys(graceDays as object)
      .filter(severity => !(counted as readonly string[]).includes(severity))
      .map(severity => ({
        path: ['graceDays', severity],
        message: `a grace period for ${severity} is given to a rule that does not refuse it, allowed: ${(counted as readonly string[]).join(', ')}; name ${severity} among its severities`,
      })),
  looksAt: LOOKS_AT,
  check: ({ findings, report }, entry) => {
    const { scoreAtLeast, graceDays = {} } = entry;
    const failure = scoreAtLeast === undefined ? undefined : notKept(report, 'scores');
    if (failure !== undefined) return { failure };
    const leftOut = LOOKS_AT.leavesOut(entry);
    const isCounted = (finding: Finding) => finding.type === LOOKS_AT.type && leftOut(finding) === undefined;
    return {
      issues: findings.filter(isCounted).map(finding => ({
        ...about(finding),
        message: message(finding, scoreAtLeast),
        remedy: vulnerabilityRemedy(finding),
        ...(graceDays[finding.severity] !== undefined && { graceDays: graceDays[finding.severity] }),
      })),
    };
  },
});

function message(
  { id, severity, package: name, installedVersion, path, title, score }: Finding,
  scoreAtLeast: number | undefined,
): string {
  const details = [
    ...(path === undefined ? [] : [shownFile(path)]),
    ...(scoreAtLeast === undefined
      ? []
      : [
          `${score === undefined ? 'without a CVSS score' : `CVSS ${score}`}; allowed: below ${scoreAtLeast}`,
        ]),
  ];
  return (
    `${severity} ${id} in ${name} ${installedVersion ?? ''}`.trimEnd() +
    (details.length === 0 ? '' : ` (${details.join(', ')})`) +
    (title === id ? '' : `: ${title}`)
  );
}

export function vulnerabilityRemedy({ package: name, fixedVersion }: Finding): string {
  return fixedVersion === undefined
    ? `no version of ${name} fixes it yet: remove it, or have the finding waived`
    : `upgrade ${name} to ${fixedVersion}`;
}

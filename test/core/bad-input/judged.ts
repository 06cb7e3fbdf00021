import { failedCheck, fixedCritical, packageNamed, severe, standard, type Refusal } from './oracle';
import { evaluate } from '../../../src/core/evaluation/evaluate';
import type { Verdict } from '../../../src/core/evidence/verdict';
import type { PublishedPolicy } from '../../../src/core/policy/policy';
import type { Cause } from '../../../src/core/scanning/failed-scan';
import { readTrivyReport } from '../../../src/core/scanning/read-trivy-report';
import { readCoverage } from '../../../src/core/scanning/scan-outcome';
import { accounting } from '../support/accounted';
import { evaluation, policy, STANDARD } from '../support/made';
import { rawReport, REPORTS, said } from '../support/reports';

/** A real report, a policy, and what of it the policy refuses. */
export interface Case {
  readonly name: string;
  readonly report: string;
  readonly document: unknown;
  readonly policy: PublishedPolicy;
  readonly refuses: Refusal;
}

const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'];
/** Without `coverage` a policy says itself that an image in which Trivy found nothing to look at is fine. */
const only = (rule: string, parameters: object) =>
  policy([
    { rule: 'coverage', action: 'deny' },
    { rule, action: 'deny', ...parameters },
  ]);

function scored(): unknown {
  const raw = rawReport('fixable-critical');
  for (const each of raw.Results[1].Vulnerabilities) {
    each.CVSS = {
      nvd: { V2Score: 7.5, V3Vector: 'CVSS:3.1/AV:N', V3Score: 9.8 },
      ghsa: { V3Score: 5, V40Score: 8.7 },
    };
  }
  return raw;
}

export const BY_STANDARD: readonly Case[] = REPORTS.map(report => ({
  name: report,
  report,
  document: rawReport(report),
  policy: STANDARD,
  refuses: standard,
}));

export const BY_OTHERS: readonly Case[] = [
  {
    report: 'root',
    document: rawReport('root'),
    policy: only('misconfigurations', { severities: SEVERITIES }),
    refuses: failedCheck,
  },
  {
    report: 'canaries',
    document: rawReport('canaries'),
    policy: only('misconfigurations', { severities: SEVERITIES }),
    refuses: failedCheck,
  },
  {
    report: 'log4shell',
    document: rawReport('log4shell'),
    refuses: packageNamed(/^pkg:maven\/org\.apache\.logging\.log4j\/log4j-core(?:[@?#]|$)/i),
    policy: only('denied-packages', { packages: ['pkg:maven/org.apache.logging.log4j/log4j-core'] }),
  },
  {
    report: 'fixable-critical',
    document: rawReport('fixable-critical'),
    refuses: packageNamed(/^pkg:npm\/minimist(?:[@?#]|$)/i),
    policy: only('denied-packages', { packages: ['pkg:npm/minimist'] }),
  },
  {
    report: 'fixable-critical',
    document: scored(),
    refuses: severe,
    policy: only('vulnerabilities', { severities: ['CRITICAL'], onlyFixed: false, scoreAtLeast: 7 }),
  },
  {
    report: 'fixable-critical',
    document: rawReport('fixable-critical'),
    refuses: fixedCritical,
    policy: only('vulnerabilities', { severities: ['CRITICAL'], onlyFixed: true }),
  },
].map(each => ({ ...each, name: `${each.report} by ${each.policy.document.rules[1]!.rule}` }));

export function caseOf(name: string): Case {
  return [...BY_STANDARD, ...BY_OTHERS].find(each => each.name === name)!;
}

export type Answer =
  | { readonly says: 'PASS' | 'FAIL'; readonly verdict: Verdict }
  | { readonly says: 'ERROR'; readonly cause: Cause; readonly detail: string };

/**
 * As `evaluate-image` does it. Nothing here catches: an exception would go back to the queue, and in the end
 * to the dead letters.
 */
export function judged(bytes: Uint8Array, { report, policy: by }: Pick<Case, 'report' | 'policy'>): Answer {
  const read = readTrivyReport(bytes);
  if (!read.ok) return { says: 'ERROR', ...read.error };
  const coverage = { ...readCoverage(said(report)), accounting: accounting() };
  const outcome = evaluate(evaluation(read.value, { policy: by, scan: { coverage } }));
  return 'failure' in outcome
    ? { says: 'ERROR', ...outcome.failure }
    : { says: outcome.verdict.outcome, verdict: outcome.verdict };
}

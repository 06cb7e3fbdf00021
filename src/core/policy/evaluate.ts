import { Limit } from '../limits';
import { firstSeen } from './first-seen';
import type { PublishedPolicy } from './policy';
import type { RuleInput } from './rule';
import { RULES } from './rules';
import type { ImageName } from '../image';
import type { Failure } from '../scanning/attempt';
import type { Finding } from '../scanning/finding';
import { normalise } from '../scanning/normalise';
import type { Coverage } from '../scanning/scan-record';
import type { ScanReason } from '../scanning/scan-request';
import { severityRank } from '../scanning/severity';
import type { TrivyReport } from '../scanning/trivy-report';
import type { RuleResult, SeverityCounts, Verdict, Violation } from '../verdict';

/** What is known about a finished scan, beside its report. */
export interface ScanFacts {
  readonly image: ImageName;
  readonly scanId: string;
  readonly scanSeq: number;
  readonly reason: ScanReason;
  readonly scannedAt: string;
  readonly scanner: { readonly image: string; readonly version: string };
  readonly database: { readonly updatedAt: string };
  readonly coverage: Coverage;
}

export interface Evaluation {
  readonly scan: ScanFacts;
  readonly report: TrivyReport;
  readonly policy: PublishedPolicy;
  /** `scanId`, or an id of its own when a stored scan is evaluated once more. */
  readonly verdictId: string;
  readonly previous?: Pick<Verdict, 'database' | 'firstSeen'>;
  readonly now: Date;
}

export type EvaluationOutcome = { readonly verdict: Verdict } | { readonly failure: Failure };

/** One report, one policy, one answer. Everything that is not plainly a PASS or a FAIL is a failure: "we could not tell". */
export function evaluate({ scan, report, policy, verdictId, previous, now }: Evaluation): EvaluationOutcome {
  if (previous !== undefined && Date.parse(scan.database.updatedAt) < Date.parse(previous.database.updatedAt)) {
    return failure('DATABASE_OLDER', `the vulnerability database is of ${scan.database.updatedAt}, the verdict that stands used that of ${previous.database.updatedAt}`);
  }
  const findings = normalise(report);
  if (findings.length > Limit.findings) return failure('REPORT_TOO_LARGE', `the report has ${findings.length} findings, allowed: ${Limit.findings}`);

  const judged = judge({ findings, report, coverage: scan.coverage, database: scan.database, now }, policy);
  if ('failure' in judged) return judged;
  const { violations, warnings, rules } = judged;
  return {
    verdict: {
      schema: 1,
      image: scan.image,
      outcome: violations.length === 0 ? 'PASS' : 'FAIL',
      verdictId,
      scanId: scan.scanId,
      scanSeq: scan.scanSeq,
      reason: scan.reason,
      kind: 'scan',
      scannedAt: scan.scannedAt,
      evaluatedAt: now.toISOString(),
      validUntil: new Date(Date.parse(scan.scannedAt) + policy.document.maxAgeHours * 3_600_000).toISOString(),
      policy: { name: policy.document.name, revision: policy.revision, sha256: policy.sha256 },
      waivers: { revision: 0 },
      database: scan.database,
      scanner: scan.scanner,
      rules,
      counts: countBySeverity(findings),
      violationCount: violations.length,
      violations: worstFirst(violations).slice(0, Limit.verdictViolations),
      warnings: worstFirst(warnings).slice(0, Limit.verdictViolations),
      violating: [...new Set(violations.flatMap(({ fingerprint }) => fingerprint === undefined ? [] : [fingerprint]))],
      firstSeen: firstSeen(findings.map(({ fingerprint }) => fingerprint), previous?.firstSeen, scan.scannedAt),
    },
  };
}

type Judgement = { violations: Violation[]; warnings: Violation[]; rules: RuleResult[] } | { failure: Failure };

function judge(input: RuleInput, { document }: PublishedPolicy): Judgement {
  const violations: Violation[] = [];
  const warnings: Violation[] = [];
  const rules: RuleResult[] = [];
  for (const entry of document.rules) {
    const rule = RULES.get(entry.rule);
    if (rule === undefined) return failure('POLICY_INVALID', `this version knows no rule ${JSON.stringify(entry.rule)}`);
    const outcome = rule.check(input, entry);
    if ('failure' in outcome) return outcome;
    const complaints = outcome.complaints.map(complaint => ({ rule: entry.rule, ...complaint }));
    const target = entry.action === 'deny' ? violations : warnings;
    for (const complaint of complaints) target.push(complaint);
    rules.push({ rule: entry.rule, action: entry.action, outcome: complaints.length === 0 ? 'pass' : 'violated', count: complaints.length });
  }
  return { violations, warnings, rules };
}

/** The worst severity first, then what can be fixed, then by name: the same findings are always listed in the same order. */
export function worstFirst(violations: readonly Violation[]): Violation[] {
  return [...violations].sort((a, b) =>
    severityRank(a.severity) - severityRank(b.severity)
    || Number(a.fixedVersion === undefined) - Number(b.fixedVersion === undefined)
    || compare(a.id ?? a.rule, b.id ?? b.rule)
    || compare(a.fingerprint ?? '', b.fingerprint ?? ''));
}

function countBySeverity(findings: readonly Finding[]): SeverityCounts {
  const counts: SeverityCounts = { CRITICAL: 0, HIGH: 0, MEDIUM: 0, LOW: 0, UNKNOWN: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function failure(cause: Failure['cause'], detail: string): { failure: Failure } {
  return { failure: { cause, detail } };
}

import { contradiction, type Comparable } from './contradiction';
import { Limit } from '../limits';
import { MILLISECONDS } from '../times';
import { firstSeen } from './first-seen';
import type { GracePeriods } from './grace-periods';
import { judge } from './judge';
import type { Coverage } from '../evidence/scan-record';
import { countBySeverity } from '../evidence/severity-counts';
import { holds, type Verdict, type Violation, type Waived } from '../evidence/verdict';
import { imageOf, type ImageName } from '../image/image';
import type { PublishedPolicy } from '../policy/policy';
import type { AskRego, RegoProgram } from '../rego/rego-program';
import { answerCounts } from '../scanning/accounting';
import type { Failure } from '../scanning/failed-scan';
import { type Finding, severityRank } from '../scanning/finding';
import { normalise } from '../scanning/normalise';
import { packagesDigest } from '../scanning/packages-digest';
import type { ScanReason } from '../scanning/scan-request';
import type { TrivyReport } from '../scanning/trivy-report';
import { compareText } from '../text/compare';
import type { PublishedWaivers } from '../waivers/active-waivers';

/** What is known about a finished scan, beside its report. */
export interface ScanFacts {
  readonly image: ImageName;
  readonly scanId: string;
  readonly scanSeq: number;
  readonly reason: ScanReason;
  readonly scannedAt: string;
  readonly scanner: Verdict['scanner'];
  readonly database: Verdict['database'];
  readonly coverage: Coverage;
}

export interface Evaluation {
  readonly scan: ScanFacts;
  readonly report: TrivyReport;
  readonly policy: PublishedPolicy;
  readonly waivers: PublishedWaivers;
  /** Of the image's repository. */
  readonly gracePeriods: GracePeriods;
  /** Absent without an engine: then a policy with Rego is indeterminate. */
  readonly rego?: AskRego;
  /** `scanId`, or a new id if a stored scan is judged again. */
  readonly verdictId: string;
  readonly previous?: Pick<Verdict, 'outcome' | 'validUntil' | 'database' | 'firstSeen' | 'waivedBy'> &
    Comparable;
  readonly now: Date;
}

/** `findings`: what was judged. `opened`: the grace periods that start with this verdict. */
export type EvaluationOutcome =
  | { readonly verdict: Verdict; readonly findings: readonly Finding[]; readonly opened: GracePeriods }
  | { readonly failure: Failure };

/** One report, one policy, one answer. Whatever is not clearly PASS or FAIL is indeterminate: a failure. */
export function evaluate({
  scan,
  report,
  policy,
  waivers,
  gracePeriods,
  rego,
  verdictId,
  previous,
  now,
}: Evaluation): EvaluationOutcome {
  if (
    previous !== undefined &&
    Date.parse(scan.database.updatedAt) < Date.parse(previous.database.updatedAt)
  ) {
    const detail = `the vulnerability database is of ${scan.database.updatedAt}, the verdict that stands used that of ${previous.database.updatedAt}`;
    return { failure: { cause: 'DATABASE_OLDER', detail } };
  }
  const findings = normalise(report);
  if (findings.length > Limit.findings) {
    const detail = `the report has ${findings.length} findings, allowed: ${Limit.findings}`;
    return { failure: { cause: 'REPORT_TOO_LARGE', detail } };
  }

  const { image, scannedAt } = scan;
  const { waivers: accepted, ...activeWaivers } = waivers;
  // trust in the past is not enough: whoever may push can push an old image again
  const wasTrusted = previous !== undefined && holds(previous, now);
  const waivedBefore = new Set(Object.values(previous?.waivedBy ?? {}).flat());
  const ask =
    rego === undefined
      ? {}
      : {
          rego: (program: RegoProgram) =>
            rego(program, new TextEncoder().encode(JSON.stringify(report)), now),
        };
  const judged = judge(
    { findings, report, coverage: scan.coverage, database: scan.database, scannedAt, now, ...ask },
    policy,
    {
      image: imageOf(image),
      gracePeriods,
      wasTrusted,
      waivedBefore,
      now,
      waivers: accepted,
    },
  );
  if (judged.failure !== undefined && judged.violations.length === 0) return { failure: judged.failure };
  const { violations, warnings, waived, deadlines, rules, opened, ends } = judged;
  const { accounting } = scan.coverage;
  const { name, audit, maxAgeHours } = policy.document;
  const scanHoldsUntil = new Date(Date.parse(scannedAt) + maxAgeHours * MILLISECONDS.hour).toISOString();
  const verdict: Verdict = {
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
    validUntil: earliest([
      scanHoldsUntil,
      ...waived.filter(({ action }) => action === 'deny').map(({ waiver }) => waiver.until),
      ...deadlines.map(({ due }) => due),
      ...ends,
    ]),
    scanHoldsUntil,
    policy: { name, revision: policy.revision, sha256: policy.sha256, ...(audit === true && { audit }) },
    waivers: activeWaivers,
    database: scan.database,
    scanner: scan.scanner,
    packages: packagesDigest(report),
    ...(accounting !== undefined && { declared: answerCounts(accounting) }),
    rules,
    counts: countBySeverity(findings),
    violationCount: violations.length,
    violations: worstFirst(violations).slice(0, Limit.verdictViolations),
    warnings: worstFirst(warnings).slice(0, Limit.verdictViolations),
    waived: worstFirst(waived).slice(0, Limit.verdictViolations),
    deadlines: deadlines.sort((a, b) => compareText(a.due, b.due)).slice(0, Limit.verdictViolations),
    waivedBy: waivedBy(waived),
    violating: [
      ...new Set(violations.flatMap(({ fingerprint }) => (fingerprint === undefined ? [] : [fingerprint]))),
    ],
    firstSeen: firstSeen(
      findings.map(({ fingerprint }) => fingerprint),
      previous?.firstSeen,
      scan.scannedAt,
    ),
  };
  const contradicted = contradiction(previous, verdict);
  return contradicted === undefined ? { findings, opened, verdict } : { failure: contradicted };
}

/**
 * The worst severity first, then what can be fixed, then by id: the same findings always have the same
 * order.
 */
export function worstFirst<T extends Violation>(violations: readonly T[]): T[] {
  return [...violations].sort(
    (a, b) =>
      severityRank(a.severity) - severityRank(b.severity) ||
      Number(a.fixedVersion === undefined) - Number(b.fixedVersion === undefined) ||
      compareText(a.id ?? a.rule, b.id ?? b.rule) ||
      compareText(a.fingerprint ?? '', b.fingerprint ?? ''),
  );
}

function waivedBy(waived: readonly Waived[]): Record<string, string[]> {
  const fingerprints: Record<string, string[]> = {};
  for (const {
    fingerprint,
    waiver: { key },
  } of waived) {
    (fingerprints[key] ??= []).push(...(fingerprint === undefined ? [] : [fingerprint]));
  }
  return fingerprints;
}

/** ISO times of one form are ordered as texts are. */
function earliest(times: readonly string[]): string {
  return times.reduce((a, b) => (b < a ? b : a));
}

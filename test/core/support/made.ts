import { accounting } from './accounted';
import { report as reportOf, said } from './reports';
import {
  evaluate,
  type Evaluation,
  type EvaluationOutcome,
  type ScanFacts,
} from '../../../src/core/evaluation/evaluate';
import {
  summarise,
  type Verdict,
  type VerdictSummary,
  type Violation,
} from '../../../src/core/evidence/verdict';
import { readPolicy, type PublishedPolicy } from '../../../src/core/policy/policy';
import { PRESETS } from '../../../src/core/policy/presets';
import type { RuleInput } from '../../../src/core/policy/rules/rule';
import { normalise } from '../../../src/core/scanning/normalise';
import { readCoverage } from '../../../src/core/scanning/scan-outcome';
import type { TrivyReport } from '../../../src/core/scanning/trivy-report';
import { NO_WAIVERS } from '../../../src/core/waivers/active-waivers';

export const NOW = new Date('2026-11-25T02:00:00.000Z');
export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const IMAGE = `000000000000.us-east-1/team/app@${DIGEST}`;
export const DATABASE = { updatedAt: '2026-11-24T06:00:00.000Z' };

export function scanId(number: number): string {
  return `01JDG0000000000000${String(number).padStart(8, '0')}`;
}

export function minutes(count: number, from = NOW): Date {
  return new Date(from.getTime() + count * 60_000);
}

/** The policy that `ImagePolicy.standard()` deploys. Not by its name: the CDK takes a second to load. */
export const STANDARD = policy(PRESETS.standard.rules);

export function policy(rules: readonly object[], revision = 1): PublishedPolicy {
  const document = readPolicy(JSON.stringify({ name: 'test', maxAgeHours: 72, rules }));
  if (!document.ok) throw new Error(document.error.join('; '));
  return { document: document.value, revision, sha256: 'f'.repeat(64) };
}

/** What rules look at, of a recorded report. */
export function ruleInput(name: string, changes: Partial<RuleInput> = {}): RuleInput {
  const report = changes.report ?? reportOf(name);
  const coverage = { ...readCoverage(said(name)), accounting: accounting() };
  return {
    report,
    findings: normalise(report),
    coverage,
    database: DATABASE,
    scannedAt: NOW.toISOString(),
    now: NOW,
    ...changes,
  };
}

export function evaluation(
  report: TrivyReport,
  changes: Partial<Omit<Evaluation, 'scan'>> & { readonly scan?: Partial<ScanFacts> } = {},
): Evaluation {
  const { scan, ...rest } = changes;
  return {
    report,
    policy: STANDARD,
    waivers: NO_WAIVERS,
    gracePeriods: new Map(),
    verdictId: scanId(1),
    now: NOW,
    ...rest,
    scan: {
      image: IMAGE,
      scanId: scanId(1),
      scanSeq: 1,
      reason: 'push',
      scannedAt: NOW.toISOString(),
      scanner: { image: 'trivy', version: '0.74.0' },
      database: DATABASE,
      coverage: { unknownRelease: false, accounting: accounting() },
      ...scan,
    },
  };
}

/** A recorded report under the standard policy, with all that Trivy said beside it. */
export function evaluateRecorded(
  name: string,
  changes: Partial<Omit<Evaluation, 'scan'>> = {},
): EvaluationOutcome {
  const coverage = { ...readCoverage(said(name)), accounting: accounting() };
  return evaluate(evaluation(reportOf(name), { scan: { coverage }, ...changes }));
}

export function verdictOf(outcome: EvaluationOutcome): Verdict {
  if ('failure' in outcome) throw new Error(outcome.failure.detail);
  return outcome.verdict;
}

export function verdict(changes: Partial<Verdict> = {}): Verdict {
  return { ...verdictOf(evaluateRecorded('clean')), ...changes };
}

export function failing(changes: Partial<Verdict> = {}): Verdict {
  return { ...verdictOf(evaluateRecorded('fixable-critical')), ...changes };
}

export function violation(changes: Partial<Violation> = {}): Violation {
  return {
    rule: 'vulnerabilities',
    message: 'CRITICAL CVE-1 in a 1',
    remedy: 'upgrade a to 2',
    fingerprint: '0'.repeat(20),
    id: 'CVE-1',
    severity: 'CRITICAL',
    ...changes,
  };
}

export function summary(of: Verdict): VerdictSummary {
  return summarise(of, { evidenceKey: `verdicts/${of.verdictId}.json`, sha256: 'e'.repeat(64) }, 5);
}

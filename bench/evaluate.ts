import { Figure, findings, milliseconds, ratio } from './figure';
import { nativeOpa } from './rego';
import { reportOf } from './report';
import { ImagePolicy } from '../src';
import { evaluate } from '../src/core/evaluation/evaluate';
import { readPolicy } from '../src/core/policy/policy';
import { readTrivyReport } from '../src/core/scanning/read-trivy-report';
import { NO_WAIVERS } from '../src/core/waivers/active-waivers';

const NOW = new Date('2026-11-25T12:00:00Z');

/** Parse, normalise, judge by the standard policy, verdict; against JSON.parse of the same bytes. */
export async function evaluateFigures(say: (line: string) => void): Promise<Figure[]> {
  return [
    await figure('evaluate_10k_over_json_parse', 10_000, 15),
    await figure('evaluate_60k_over_json_parse', 60_000, 5),
    await overOpa(say),
  ];
}

async function overOpa(say: (line: string) => void): Promise<Figure> {
  const bytes = reportOf(findings(10_000));
  const native = await nativeOpa(bytes, say);
  try {
    const value = await ratio(9, () => milliseconds(() => judge(bytes)), native.measure);
    return {
      name: 'builtin_10k_over_opa_eval',
      value,
      unit: 'ratio',
      against: 'native opa eval of the same policy in Rego, with its start; aim ≤ 0.2',
    };
  } finally {
    native.dispose();
  }
}

async function figure(name: string, usualFindings: number, rounds: number): Promise<Figure> {
  const bytes = reportOf(findings(usualFindings));
  const value = await ratio(
    rounds,
    () => milliseconds(() => judge(bytes)),
    () => milliseconds(() => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))),
  );
  return {
    name,
    value,
    unit: 'ratio',
    against: `JSON.parse of the same ${Math.round(bytes.length / 1e6)} MB; aim ≤ 2.0`,
  };
}

const policy = readPolicy(ImagePolicy.standard()._render());

function judge(bytes: Uint8Array): void {
  const report = readTrivyReport(bytes);
  if (!report.ok || !policy.ok) throw new Error("the bench's report or policy is not valid");
  const { verdict } = evaluate({
    scan: {
      image: `000000000000.us-east-1/team/app@sha256:${'0'.repeat(64)}`,
      scanId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      scanSeq: 1,
      reason: 'push',
      scannedAt: NOW.toISOString(),
      scanner: { image: 'trivy', version: '0.74.0' },
      database: { updatedAt: NOW.toISOString() },
      coverage: {
        unknownRelease: false,
        accounting: {
          declared: 0,
          accounted: 0,
          excused: { nameless: 0, ofDistribution: 0 },
          notCovered: [],
          notCoveredCount: 0,
          unread: [],
          unreadCount: 0,
        },
      },
    },
    report: report.value,
    policy: { document: policy.value, revision: 1, sha256: '' },
    waivers: NO_WAIVERS,
    gracePeriods: new Map(),
    verdictId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    now: NOW,
  }) as { verdict: { outcome: string } };
  if (verdict.outcome !== 'FAIL') throw new Error(`the bench's verdict is ${verdict.outcome}`);
}

import type { RuleResult, SeverityCounts, Verdict } from '../evidence/verdict';
import { derivedId } from '../ids';
import type { ImageName } from '../image/image';
import { Limit } from '../limits';
import { worstFirst } from './evaluate';
import type { Child } from '../register/row';
import { SEVERITIES, type Severity } from '../scanning/finding';
import { compareText } from '../text/compare';
import { sha256Of } from '../text/sha256';

export interface FoldInput {
  readonly image: ImageName;
  readonly children: readonly (Child & { readonly verdict?: Verdict })[];
  readonly now: Date;
}

/** An index gets the worst verdict of its images, and none while one of them has none (rule 4.8, indexes). */
export function foldIndex({
  image,
  children,
  now,
}: FoldInput): { verdict: Verdict } | { waitingFor: readonly Child[] } {
  const judged = children.flatMap(child =>
    child.verdict === undefined ? [] : [{ ...child, verdict: child.verdict }],
  );
  const [first] = judged;
  if (first === undefined || judged.length < children.length) {
    return { waitingFor: children.filter(child => child.verdict === undefined) };
  }

  const verdicts = judged.map(child => child.verdict);
  const least = <T>(values: readonly T[]): T => values.reduce((a, b) => (b < a ? b : a));
  const oldestPolicy = verdicts.reduce((a, b) => (b.policy.revision < a.policy.revision ? b : a)).policy;
  const oldestWaivers = verdicts.reduce((a, b) => (b.waivers.revision < a.waivers.revision ? b : a)).waivers;
  const violations = worstFirst(
    judged.flatMap(({ platform, verdict }) =>
      verdict.violations.map(violation => ({ ...violation, platform })),
    ),
  );
  const warnings = worstFirst(
    judged.flatMap(({ platform, verdict }) => verdict.warnings.map(warning => ({ ...warning, platform }))),
  );
  const waived = worstFirst(
    judged.flatMap(({ platform, verdict }) => verdict.waived.map(each => ({ ...each, platform }))),
  );
  const deadlines = judged.flatMap(({ platform, verdict }) =>
    verdict.deadlines.map(each => ({ ...each, platform })),
  );
  const verdictId = derivedId(
    sha256Of(
      verdicts
        .map(verdict => verdict.verdictId)
        .sort()
        .join(','),
    ),
  );
  return {
    verdict: {
      ...first.verdict,
      image,
      kind: 'index',
      reason: verdicts.every(verdict => verdict.reason === 'enrolment') ? 'enrolment' : 'index',
      outcome: verdicts.every(verdict => verdict.outcome === 'PASS') ? 'PASS' : 'FAIL',
      verdictId,
      scanId: verdictId,
      scanSeq: verdicts.reduce((sum, verdict) => sum + verdict.scanSeq, 0), // grows whenever a child's does
      scannedAt: least(verdicts.map(verdict => verdict.scannedAt)),
      evaluatedAt: now.toISOString(),
      validUntil: least(verdicts.map(verdict => verdict.validUntil)),
      scanHoldsUntil: least(verdicts.map(verdict => verdict.scanHoldsUntil ?? verdict.validUntil)),
      policy: {
        ...oldestPolicy,
        ...(verdicts.some(({ policy }) => policy.audit === true) && { audit: true as const }),
      },
      waivers: oldestWaivers,
      database: { updatedAt: least(verdicts.map(verdict => verdict.database.updatedAt)) },
      rules: foldRules(verdicts.flatMap(verdict => verdict.rules)),
      counts: foldCounts(verdicts),
      violationCount: verdicts.reduce((sum, verdict) => sum + verdict.violationCount, 0),
      violations: violations.slice(0, Limit.verdictViolations),
      warnings: warnings.slice(0, Limit.verdictViolations),
      waived: waived.slice(0, Limit.verdictViolations),
      deadlines: deadlines.sort((a, b) => compareText(a.due, b.due)).slice(0, Limit.verdictViolations),
      waivedBy: Object.fromEntries(
        verdicts.flatMap(({ waivedBy }) => Object.keys(waivedBy).map(key => [key, []])),
      ),
      violating: [...new Set(verdicts.flatMap(verdict => verdict.violating))],
      firstSeen: {},
      children: judged.map(({ digest, platform, verdict }) => ({
        digest,
        platform,
        outcome: verdict.outcome,
        verdictId: verdict.verdictId,
      })),
    },
  };
}

const WORST_OUTCOME: readonly RuleResult['outcome'][] = ['violated', 'unknown', 'pass'];

/** Each rule once, even if a policy has it twice, or two policies judged the images. */
function foldRules(rules: readonly RuleResult[]): RuleResult[] {
  const folded = new Map<string, RuleResult>();
  for (const rule of rules) {
    const key = `${rule.rule}|${rule.action}`;
    const { outcome, count, waived, deferred } = folded.get(key) ?? {
      outcome: 'pass',
      count: 0,
      waived: 0,
      deferred: 0,
    };
    folded.set(key, {
      ...rule,
      outcome: WORST_OUTCOME.find(each => each === outcome || each === rule.outcome)!,
      count: count + rule.count,
      waived: waived + rule.waived,
      deferred: deferred + rule.deferred,
    });
  }
  return [...folded.values()];
}

function foldCounts(verdicts: readonly Verdict[]): SeverityCounts {
  const count = (severity: Severity) => verdicts.reduce((sum, { counts }) => sum + counts[severity], 0);
  return Object.fromEntries(SEVERITIES.map(severity => [severity, count(severity)])) as SeverityCounts;
}

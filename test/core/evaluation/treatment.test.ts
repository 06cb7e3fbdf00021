import { evaluate, type Evaluation } from '../../../src/core/evaluation/evaluate';
import { treatmentIn } from '../../../src/core/evaluation/treatment';
import type { PublishedPolicy } from '../../../src/core/policy/policy';
import { normalise } from '../../../src/core/scanning/normalise';
import { parseWaivers } from '../../../src/core/waivers/document';
import { evaluation, minutes, policy, STANDARD, verdictOf } from '../support/made';
import { parsed, rawReport, report } from '../support/reports';

/** What is made of each finding, without those that are made the same of. */
function made(name: string, by: PublishedPolicy, changes: Partial<Omit<Evaluation, 'scan'>> = {}): string[] {
  const of = changes.report ?? report(name);
  const verdict = verdictOf(evaluate(evaluation(of, { policy: by, ...changes })));
  const treatmentOf = treatmentIn(verdict, by.document);
  return [
    ...new Set(
      normalise(of).map(finding => {
        const { treatment, why } = treatmentOf(finding);
        return `${finding.type} ${finding.severity} ${treatment}: ${why}`;
      }),
    ),
  ].sort();
}

const rule = (parameters: object, action = 'deny') =>
  policy([
    { rule: 'vulnerabilities', action, severities: ['CRITICAL', 'HIGH'], onlyFixed: false, ...parameters },
  ]);

describe('what a verdict makes of each finding', () => {
  test('refused, or left out because of its severity, its fix or its kind', () => {
    expect(made('languages', STANDARD)).toEqual([
      'misconfiguration LOW left out: no rule of the policy looks at misconfigurations',
      'vulnerability CRITICAL refused: ',
      'vulnerability HIGH left out: the policy does not count this severity',
      'vulnerability MEDIUM left out: the policy does not count this severity',
    ]);
    expect(made('unfixed-only', rule({ onlyFixed: true }))).toContain(
      'vulnerability CRITICAL left out: no version fixes it yet, and the policy counts only what a version fixes',
    );
  });

  test('left out because of its score', () => {
    const raw = rawReport('fixable-critical');
    raw.Results[1].Vulnerabilities[0].CVSS = { nvd: { V3Score: 6.5 } };
    const of = { report: parsed(raw) };
    expect(made('fixable-critical', rule({ scoreAtLeast: 7 }), of)).toContain(
      'vulnerability CRITICAL left out: its CVSS score is below 7',
    );
  });

  test('only warned of', () => {
    const by = policy([
      { rule: 'vulnerabilities', action: 'warn', severities: ['CRITICAL'], onlyFixed: false },
      { rule: 'secrets', action: 'deny' },
    ]);
    expect(made('log4shell', by)).toEqual(['vulnerability CRITICAL warned: the policy only warns of it']);
  });

  test('waived, by whom and until when', () => {
    const waivers = parseWaivers(
      JSON.stringify({
        version: 1,
        waivers: [
          {
            id: 'CVE-2021-44228',
            repositories: ['team/app'],
            owner: 'alice@example.com',
            reason: 'not reachable from any input',
            expires: '2026-11-30',
          },
        ],
      }),
    );
    if (!waivers.ok) throw new Error(waivers.error.join('; '));
    expect(
      made('log4shell', STANDARD, { waivers: { revision: 1, sha256: 'w', waivers: waivers.value } }),
    ).toEqual(['vulnerability CRITICAL waived: by alice@example.com until 2026-11-30']);
  });

  test('in its grace period, also where the list of deadlines is cut', () => {
    const by = rule({ graceDays: { CRITICAL: 7 } });
    const previous = {
      outcome: 'PASS' as const,
      validUntil: minutes(60).toISOString(),
      database: { updatedAt: '2026-11-01T00:00:00.000Z' },
      firstSeen: {},
      waivedBy: {},
    };
    const of = report('log4shell');
    const verdict = verdictOf(evaluate(evaluation(of, { policy: by, previous })));
    const [finding] = normalise(of);
    expect(treatmentIn(verdict, by.document)(finding!)).toEqual({
      treatment: 'deferred',
      why: 'to be fixed by 2026-12-02',
    });
    expect(treatmentIn({ ...verdict, deadlines: [] }, by.document)(finding!)).toEqual({
      treatment: 'deferred',
      why: 'in its grace period',
    });
  });

  test('left out by a rule that is indeterminate, where another rule refuses the image', () => {
    const verdict = verdictOf(evaluate(evaluation(report('log4shell'), { policy: STANDARD })));
    const rules = verdict.rules.map(each =>
      each.rule === 'vulnerabilities' ? { ...each, outcome: 'unknown' as const, count: 0 } : each,
    );
    const treatmentOf = treatmentIn({ ...verdict, rules, violating: [], violations: [] }, STANDARD.document);
    expect(treatmentOf(normalise(report('log4shell'))[0]!)).toEqual({
      treatment: 'left out',
      why: 'the rule vulnerabilities is indeterminate',
    });
  });

  test('a rule in Rego names what it refuses by its id', () => {
    const verdict = verdictOf(evaluate(evaluation(report('log4shell'), { policy: rule({}, 'deny') })));
    const { fingerprint: _, ...byId } = verdict.violations[0]!;
    const treatment = treatmentIn({ ...verdict, violating: [], violations: [byId] }, STANDARD.document);
    expect(treatment(normalise(report('log4shell'))[0]!).treatment).toBe('refused');
  });
});

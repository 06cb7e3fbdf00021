import { evaluate, worstFirst } from '../../../src/core/evaluation/evaluate';
import { Verdict } from '../../../src/core/evidence/verdict';
import { Limit } from '../../../src/core/limits';
import { normalise } from '../../../src/core/scanning/normalise';
import { NO_WAIVERS } from '../../../src/core/waivers/active-waivers';
import { accounting } from '../support/accounted';
import {
  evaluateRecorded,
  evaluation,
  minutes,
  NOW,
  policy,
  scanId,
  STANDARD,
  verdictOf,
  violation,
} from '../support/made';
import { report, REPORTS } from '../support/reports';
import { waiver } from '../waivers/made';

const EXPECTED: Record<string, string> = {
  'alpine-eol': 'FAIL end-of-life-os,vulnerabilities',
  'attested.linux-amd64': 'PASS',
  canaries: 'FAIL secrets',
  clean: 'PASS',
  'clean-and-vulnerable.linux-amd64': 'PASS',
  'clean-and-vulnerable.linux-arm64': 'FAIL vulnerabilities',
  'decoy.linux-amd64': 'FAIL vulnerabilities',
  'fixable-critical': 'FAIL vulnerabilities',
  languages: 'FAIL vulnerabilities',
  log4shell: 'FAIL vulnerabilities',
  'no-packages': 'ERROR NOT_COVERED',
  root: 'FAIL runs-as-root',
  'root-without-history': 'FAIL runs-as-root',
  scratch: 'ERROR NOT_COVERED',
  'secret-behind-history': 'FAIL secrets',
  'secret-deleted-later': 'FAIL secrets',
  'unfixed-only': 'PASS',
  'unknown-os-release': 'ERROR NOT_COVERED',
};

function shortly(outcome: ReturnType<typeof evaluate>): string {
  if ('failure' in outcome) return `ERROR ${outcome.failure.cause}`;
  const rules = [...new Set(outcome.verdict.violations.map(({ rule }) => rule))].sort();
  return [outcome.verdict.outcome, rules.join(',')].filter(part => part !== '').join(' ');
}

describe('the standard policy on every recorded report', () => {
  test('every report has an expectation', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...REPORTS].sort());
  });

  test.each(REPORTS)('%s', name => {
    const outcome = evaluateRecorded(name);
    expect(shortly(outcome)).toBe(EXPECTED[name]);
    if ('verdict' in outcome) expect(Verdict.parse(outcome.verdict)).toEqual(outcome.verdict);
  });

  test('a verdict says how many files declared packages, and how they were answered', () => {
    expect(verdictOf(evaluateRecorded('clean')).declared).toEqual({
      declared: 5,
      accounted: 3,
      excused: { nameless: 1, ofDistribution: 1 },
      notCoveredCount: 0,
      unreadCount: 0,
    });
  });

  test('rule 4.5, expiry and grace periods: no verdict holds longer than what the policy accepts in the image', () => {
    const unread = [{ path: 'app/a.phar', kind: 'phar', detail: 'Trivy reads no phar' }];
    const scan = { coverage: { unknownRelease: false, accounting: accounting({ unread }) } };
    const accepted = (expires: string) => {
      const entry = { path: 'app/**', reason: 'checked by hand with every release', expires };
      const by = policy([
        { rule: 'coverage', action: 'deny', unreadKinds: 'indeterminate', accepted: [entry] },
        { rule: 'secrets', action: 'deny' },
      ]);
      return evaluate(evaluation(report('clean'), { scan, policy: by }));
    };
    expect(verdictOf(accepted('2026-11-26')).validUntil).toBe('2026-11-26T23:59:59.999Z');
    expect(verdictOf(accepted('2026-12-26')).validUntil).toBe('2026-11-28T02:00:00.000Z');
    expect(accepted('2026-11-24')).toMatchObject({ failure: { cause: 'NOT_COVERED' } });
  });

  test('the same findings without a fix are refused where the policy does not leave them out', () => {
    const strict = policy([
      { rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: false },
    ]);
    expect(shortly(evaluateRecorded('unfixed-only', { policy: strict }))).toBe('FAIL vulnerabilities');
  });
});

test('a waiver for the path of a Go binary covers what was found in it, and not in the next one', () => {
  const waivers = [waiver({ id: 'CVE-2024-24790', path: 'usr/local/bin/api', repositories: ['team/app'] })];
  const { violations, waived } = verdictOf(
    evaluateRecorded('languages', { waivers: { ...NO_WAIVERS, waivers } }),
  );
  const inGo = normalise(report('languages')).filter(({ id }) => id === 'CVE-2024-24790');
  const [api, worker] = inGo.map(({ fingerprint }) => fingerprint);
  expect(waived.map(({ fingerprint }) => fingerprint)).toEqual([api]);
  expect(violations.filter(({ id }) => id === 'CVE-2024-24790')).toMatchObject([{ fingerprint: worker }]);
});

describe('a verdict', () => {
  const verdict = verdictOf(evaluateRecorded('alpine-eol'));

  test('lists every rule of the policy', () => {
    expect(verdict.rules.map(({ rule }) => rule)).toEqual(STANDARD.document.rules.map(({ rule }) => rule));
    expect(verdict.rules.find(({ rule }) => rule === 'end-of-life-os')).toEqual({
      rule: 'end-of-life-os',
      action: 'deny',
      outcome: 'violated',
      count: 1,
      waived: 0,
      deferred: 0,
    });
  });

  test('counts every finding, and keeps the fingerprints of all that violate', () => {
    expect(Object.values(verdict.counts).reduce((a, b) => a + b)).toBe(
      Object.values(verdict.firstSeen).flat().length,
    );
    expect(verdict.violating.length).toBe(
      verdict.violations.filter(({ rule }) => rule === 'vulnerabilities').length,
    );
  });

  test('expires with the age of its scan, not of its evaluation (rule 4.5, expiry and grace periods)', () => {
    const scannedAt = minutes(-120).toISOString();
    const late = verdictOf(evaluate(evaluation(report('clean'), { scan: { scannedAt } })));
    expect(late.validUntil).toBe(minutes(72 * 60 - 120).toISOString());
    expect(late.evaluatedAt).toBe(NOW.toISOString());
  });

  test('a rule that warns changes no verdict', () => {
    const lenient = policy(
      STANDARD.document.rules.map(rule =>
        rule.rule === 'vulnerabilities' ? { ...rule, action: 'warn' } : rule,
      ),
    );
    const { outcome, warnings, rules } = verdictOf(evaluateRecorded('fixable-critical', { policy: lenient }));
    expect(outcome).toBe('PASS');
    expect(warnings).toHaveLength(1);
    expect(rules.find(({ rule }) => rule === 'vulnerabilities')).toMatchObject({
      action: 'warn',
      outcome: 'violated',
    });
  });

  test('a rule that is indeterminate is an ERROR also where it only warns', () => {
    expect(
      shortly(
        evaluateRecorded('scratch', {
          policy: policy([
            { rule: 'coverage', action: 'warn' },
            { rule: 'secrets', action: 'deny' },
          ]),
        }),
      ),
    ).toBe('ERROR NOT_COVERED');
  });

  test('a rule that is indeterminate hides nothing that another one refuses, whichever comes first', () => {
    const rules = [
      { rule: 'database-age', action: 'deny', maxHours: 1 },
      { rule: 'runs-as-root', action: 'deny' },
    ];
    for (const each of [rules, [...rules].reverse()]) {
      const refused = verdictOf(evaluateRecorded('root', { policy: policy(each) }));
      expect(refused).toMatchObject({
        outcome: 'FAIL',
        violations: [{ rule: 'runs-as-root' }],
        warnings: [
          {
            rule: 'database-age',
            message: expect.stringMatching(/^the rule is indeterminate \(DATABASE_STALE\): /),
          },
        ],
      });
      expect(refused.rules.map(({ rule, outcome }) => `${rule} ${outcome}`).sort()).toEqual([
        'database-age unknown',
        'runs-as-root violated',
      ]);
    }
  });

  test('a rule of another version is an ERROR, not a rule less', () => {
    const unknown = {
      ...STANDARD,
      document: { ...STANDARD.document, rules: [{ rule: 'of-tomorrow', action: 'deny' as const }] },
    };
    expect(shortly(evaluateRecorded('clean', { policy: unknown }))).toBe('ERROR POLICY_INVALID');
  });

  test('what was seen before keeps its time', () => {
    const before = verdictOf(evaluateRecorded('fixable-critical'));
    const after = verdictOf(
      evaluate(
        evaluation(report('fixable-critical'), {
          previous: before,
          now: minutes(60),
          scan: { scannedAt: minutes(60).toISOString() },
        }),
      ),
    );
    expect(after.firstSeen).toEqual(before.firstSeen);
  });
});

describe('a database that is older than that of the verdict that stands (rule 4.4, failed scans keep the verdict)', () => {
  const previous = verdictOf(evaluateRecorded('fixable-critical'));

  test('is an ERROR by a millisecond', () => {
    const database = { updatedAt: new Date(Date.parse(previous.database.updatedAt) - 1).toISOString() };
    expect(shortly(evaluate(evaluation(report('clean'), { previous, scan: { database } })))).toBe(
      'ERROR DATABASE_OLDER',
    );
  });

  test('the same database is none', () => {
    expect(shortly(evaluateRecorded('clean', { previous }))).toBe('PASS');
  });
});

test('an image with too many findings is not judged in part (rule 5.6, limits)', () => {
  const many = report('fixable-critical');
  const [first] = many.Results![1].Vulnerabilities!;
  many.Results![1].Vulnerabilities = Array.from({ length: Limit.findings + 1 }, (_, at) => ({
    ...first,
    VulnerabilityID: `CVE-${at}`,
  }));
  expect(shortly(evaluate(evaluation(many)))).toBe('ERROR REPORT_TOO_LARGE');
});

test('a verdict lists the worst 500 violations, and counts all of them', () => {
  const many = report('fixable-critical');
  const [first] = many.Results![1].Vulnerabilities!;
  many.Results![1].Vulnerabilities = Array.from({ length: 700 }, (_, at) => ({
    ...first,
    VulnerabilityID: `CVE-${at}`,
  }));
  const { violations, violationCount, violating } = verdictOf(evaluate(evaluation(many)));
  expect([violations.length, violationCount, violating.length]).toEqual([500, 700, 700]);
});

test('violations are always listed in the same order: severity, then fixable, then by name', () => {
  const list = [
    violation({ id: 'CVE-4', severity: 'HIGH', fixedVersion: '2' }),
    violation({ id: 'CVE-3', severity: 'CRITICAL' }),
    violation({ id: 'CVE-2', severity: 'CRITICAL', fixedVersion: '2' }),
    violation({ id: 'CVE-1', severity: 'CRITICAL', fixedVersion: '2' }),
    { rule: 'runs-as-root', message: 'root', remedy: 'USER 1' },
  ];
  const order = worstFirst(list).map(({ id, rule }) => id ?? rule);
  expect(order).toEqual(['CVE-1', 'CVE-2', 'CVE-3', 'CVE-4', 'runs-as-root']);
  expect(worstFirst([...list].reverse()).map(({ id, rule }) => id ?? rule)).toEqual(order);
});

test("the id of a verdict is its scan's, or one of its own", () => {
  expect(verdictOf(evaluateRecorded('clean', { verdictId: scanId(9) }))).toMatchObject({
    verdictId: scanId(9),
    scanId: scanId(1),
  });
});

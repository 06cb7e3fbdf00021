import { evaluate } from '../../../src/core/evaluation/evaluate';
import { foldIndex } from '../../../src/core/evaluation/fold-index';
import type { RuleResult, Verdict } from '../../../src/core/evidence/verdict';
import { RULES } from '../../../src/core/policy/rules';
import {
  hasHoldEnded,
  heldBy,
  MAY_BE_HELD,
  trustedUntil,
  whyNotHeld,
} from '../../../src/core/register/hold-revocation';
import { KEY } from '../signing/crafted';
import {
  evaluation,
  failing,
  IMAGE,
  minutes,
  NOW,
  policy,
  scanId,
  verdictOf,
  violation,
} from '../support/made';
import { parsed, rawReport } from '../support/reports';
import { signedRow } from '../support/signing';

const UNTIL = minutes(72 * 60).toISOString();
const PULLED = { at: NOW.toISOString(), until: minutes(24 * 60).toISOString(), because: 'many' };
const FAIL = { verdictId: scanId(2), evaluatedAt: NOW.toISOString() };
const SIGNED = signedRow(KEY);

function ruleResult(rule: string, count: number, changes: Partial<RuleResult> = {}): RuleResult {
  const outcome = count > 0 ? 'violated' : 'pass';
  return { rule, action: 'deny', outcome, count, waived: 0, deferred: 0, ...changes };
}

describe('what the brake never holds (rule 5.13, the brake)', () => {
  test('every rule that refuses was decided: these revoke at once', () => {
    const refusing = [...RULES.values()].filter(({ refuses }) => refuses).map(({ name }) => name);
    expect(refusing.filter(name => !MAY_BE_HELD.has(name))).toEqual([
      'denied-packages',
      'end-of-life-os',
      'exploited-vulnerabilities',
      'image-age',
      'secrets',
    ]);
    expect([...MAY_BE_HELD].filter(name => !refusing.includes(name))).toEqual([]);
  });

  test.each([
    ['a secret', { rule: 'secrets', severity: 'LOW' }],
    ['a denied package', { rule: 'denied-packages', severity: undefined }],
    ['a critical vulnerability', { severity: 'CRITICAL' }],
    ['a vulnerability of unknown severity', { severity: 'UNKNOWN' }],
    ['a vulnerability without a severity', { severity: undefined }],
    ['Rego without a severity', { rule: 'rego', severity: undefined }],
    ['Rego that is critical', { rule: 'rego', severity: 'CRITICAL' }],
    ['a rule that nobody decided about', { rule: 'new-rule', severity: 'LOW' }],
  ] as const)('%s, also beside what it may hold', (_, changes) => {
    const harmless = violation({ rule: 'required-labels', severity: undefined });
    const violations = [harmless, violation(changes)];
    expect(whyNotHeld(failing({ violations, violationCount: 2 }))).toContain(violations[1]!.rule);
  });

  test.each([
    { severity: 'HIGH' },
    { rule: 'rego', severity: 'HIGH' },
    { rule: 'required-labels', severity: undefined },
    { rule: 'runs-as-root', severity: undefined },
  ] as const)('it may hold %o', changes => {
    expect(whyNotHeld(failing({ violations: [violation(changes)], violationCount: 1 }))).toBeUndefined();
  });

  test.each([
    ['refuses', 'deny', 1, true],
    ['warns of', 'warn', 1, true],
    ['has waived, or not found,', 'warn', 0, false],
  ] as const)(
    'what the catalog of exploited vulnerabilities %s, whatever its severity',
    (_, action, count, never) => {
      const violations = [violation({ severity: 'LOW' })];
      const exploited = ruleResult('exploited-vulnerabilities', count, { action });
      const rules = [ruleResult('vulnerabilities', 1), exploited];
      const why = whyNotHeld(failing({ violations, violationCount: 1, rules }));
      expect(why).toBe(never ? 'exploited-vulnerabilities: 1 findings' : undefined);
    },
  );

  test('an image of which a rule does not know what it would find', () => {
    const rules = [ruleResult('vulnerabilities', 1), ruleResult('secrets', 0, { outcome: 'unknown' })];
    const violations = [violation({ severity: 'LOW' })];
    expect(whyNotHeld(failing({ violations, violationCount: 1, rules }))).toBe(
      'the rule secrets is indeterminate: nobody knows what it would find',
    );
  });
});

describe('a verdict with more violations than it lists (rule 5.13, the brake)', () => {
  const LISTED = Array.from({ length: 500 }, () => violation({ severity: 'HIGH' }));
  const COUNTS = { CRITICAL: 0, HIGH: 510, MEDIUM: 190, LOW: 0, UNKNOWN: 0 };
  const many = (changes: Partial<Verdict>) =>
    failing({
      violations: LISTED,
      violationCount: 700,
      counts: COUNTS,
      rules: [ruleResult('vulnerabilities', 700)],
      ...changes,
    });

  test('may be held if what it leaves out may be', () => {
    expect(whyNotHeld(many({}))).toBeUndefined();
    const rules = [ruleResult('vulnerabilities', 600), ruleResult('licenses', 100)];
    expect(whyNotHeld(many({ rules }))).toBeUndefined();
  });

  test.each<[string, Partial<Verdict>, RegExp]>([
    ['a secret', { rules: [ruleResult('vulnerabilities', 699), ruleResult('secrets', 1)] }, /^secrets: 1 /],
    [
      'a rule that nobody decided about',
      { rules: [ruleResult('vulnerabilities', 699), ruleResult('new-rule', 1)] },
      /^new-rule: 1 /,
    ],
    [
      'a message of Rego, whose severity nobody knows',
      { rules: [ruleResult('vulnerabilities', 699), ruleResult('rego', 1)] },
      /^it lists not all that Rego refuses$/,
    ],
    [
      'perhaps a vulnerability of unknown severity',
      { counts: { ...COUNTS, UNKNOWN: 1 } },
      /^it lists not all violations, and some findings have no severity$/,
    ],
    [
      'violations of no rule that it names',
      { rules: [ruleResult('vulnerabilities', 699), ruleResult('licenses', 9, { action: 'warn' })] },
      /^its rules count other violations than its verdict$/,
    ],
  ])('is not held if that is %s', (_, changes, why) => {
    expect(whyNotHeld(many(changes))).toMatch(why);
  });

  test('lists the worst, so a critical one that is beside 500 others is seen; also in the verdict of an index', () => {
    const raw = rawReport('fixable-critical');
    const [vulnerability] = raw.Results[1].Vulnerabilities;
    raw.Results[1].Vulnerabilities = Array.from({ length: 700 }, (_, at) => ({
      ...vulnerability,
      VulnerabilityID: `CVE-2024-${10_000 + at}`,
      Severity: 'HIGH',
    }));
    const all = {
      rule: 'vulnerabilities',
      severities: ['CRITICAL', 'HIGH'],
      onlyFixed: false,
      action: 'deny',
    } as const;
    const judged = () => verdictOf(evaluate(evaluation(parsed(raw), { policy: policy([all]) })));
    const onlyHigh = judged();
    expect([onlyHigh.violations.length, onlyHigh.violationCount]).toEqual([500, 700]);
    expect(whyNotHeld(onlyHigh)).toBeUndefined();
    raw.Results[1].Vulnerabilities.at(-1).Severity = 'CRITICAL';
    const oneCritical = judged();
    expect(whyNotHeld(oneCritical)).toMatch(/^vulnerabilities: CRITICAL /);
    const children = [onlyHigh, oneCritical].map((each, at) => ({
      digest: `sha256:${String(at).repeat(64)}`,
      platform: `linux/${at}`,
      verdict: each,
    }));
    const folded = (...of: typeof children) => {
      const index = foldIndex({ image: IMAGE, children: of, now: NOW });
      if ('waitingFor' in index) throw new Error('it waits');
      return whyNotHeld(index.verdict);
    };
    expect(folded(children[0]!, children[0]!)).toBeUndefined();
    expect(folded(...children)).toMatch(/^vulnerabilities: CRITICAL /);
  });
});

describe('what was trusted', () => {
  test('is a PASS with a statement, until the earlier end of both', () => {
    expect(trustedUntil(SIGNED, NOW)).toBe(UNTIL);
    const shorter = signedRow(KEY, IMAGE, { validUntil: minutes(60).toISOString() });
    expect(trustedUntil(shorter, NOW)).toBe(minutes(60).toISOString());
  });

  test.each([
    ['without a verdict', { ...SIGNED, verdict: undefined }],
    ['without a statement', { ...SIGNED, statement: undefined }],
    ['by an audit only', { ...SIGNED, verdict: { ...SIGNED.verdict!, audit: true as const } }],
    ['with a FAIL', { ...SIGNED, verdict: { ...SIGNED.verdict!, outcome: 'FAIL' as const } }],
    ['with a PASS that ended', { ...SIGNED, verdict: { ...SIGNED.verdict!, validUntil: NOW.toISOString() } }],
    ['with a statement that ended', signedRow(KEY, IMAGE, { validUntil: NOW.toISOString() })],
    ['with a statement of no time', signedRow(KEY, IMAGE, { validUntil: 'never' })],
    [
      'with a statement that nobody can read',
      {
        ...SIGNED,
        statement: {
          ...SIGNED.statement!,
          envelope: { ...SIGNED.statement!.envelope, payload: Buffer.from('{').toString('base64') },
        },
      },
    ],
  ])('not an image %s', (_, row) => {
    expect(trustedUntil(row, NOW)).toBeUndefined();
  });
});

test('a hold ends with the trust that it keeps, and with the pull', () => {
  expect(heldBy(PULLED, UNTIL, FAIL).until).toBe(PULLED.until);
  const held = heldBy(PULLED, minutes(60).toISOString(), FAIL);
  expect(held.until).toBe(minutes(60).toISOString());
  expect(hasHoldEnded(held, PULLED, minutes(59))).toBe(false);
  expect(hasHoldEnded(held, PULLED, minutes(60))).toBe(true);
  expect(hasHoldEnded(held, { ...PULLED, at: minutes(1).toISOString() }, minutes(59))).toBe(true);
  expect(hasHoldEnded(held, undefined, minutes(59))).toBe(true);
  expect(hasHoldEnded({ ...held, until: 'never' }, PULLED, NOW)).toBe(true);
});

import { RULES } from '../../../src/core/policy/rules';
import {
  hasHoldEnded,
  heldBy,
  MAY_BE_HELD,
  trustedUntil,
  whyNotHeld,
} from '../../../src/core/register/hold-revocation';
import { KEY } from '../signing/crafted';
import { failing, IMAGE, minutes, NOW, scanId, violation } from '../support/made';
import { signedRow } from '../support/signing';

const UNTIL = minutes(72 * 60).toISOString();
const PULLED = { at: NOW.toISOString(), until: minutes(24 * 60).toISOString(), because: 'many' };
const FAIL = { verdictId: scanId(2), evaluatedAt: NOW.toISOString() };
const SIGNED = signedRow(KEY);

describe('what the brake never holds (rule 5.13, the brake)', () => {
  test('every rule that refuses was decided: these revoke at once', () => {
    const refusing = [...RULES.values()].filter(({ refuses }) => refuses).map(({ name }) => name);
    expect(refusing.filter(name => !MAY_BE_HELD.has(name))).toEqual([
      'denied-packages',
      'end-of-life-os',
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

  test('nor more violations than the verdict lists: one that is left out may be a secret', () => {
    const violations = [violation({ severity: 'LOW' })];
    expect(whyNotHeld(failing({ violations, violationCount: 2 }))).toMatch(/^it has more violations/);
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

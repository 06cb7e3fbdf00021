import { Duration } from 'aws-cdk-lib';
import { ImagePolicy, PolicyRule, VulnerabilitySeverity } from '../../src';
import { readPolicy } from '../../src/core/policy/policy';

const document = (policy: ImagePolicy) => JSON.parse(policy._render());

test('the standard policy', () => {
  expect(document(ImagePolicy.standard())).toEqual({
    name: 'standard',
    maxAgeHours: 72,
    rules: [
      { rule: 'coverage', action: 'deny' },
      { rule: 'database-age', maxHours: 48, action: 'deny' },
      { rule: 'vulnerabilities', severities: ['CRITICAL'], onlyFixed: true, action: 'deny' },
      { rule: 'secrets', action: 'deny' },
      { rule: 'end-of-life-os', action: 'deny' },
      { rule: 'runs-as-root', action: 'deny' },
      { rule: 'unsearched-layers', action: 'warn' },
    ],
  });
});

test('a policy of your own, and one rule more', () => {
  const policy = ImagePolicy.of({ name: 'strict', maxAge: Duration.days(1), rules: [PolicyRule.vulnerabilities({ severities: [VulnerabilitySeverity.HIGH, VulnerabilitySeverity.UNKNOWN], onlyFixed: false })] });
  const more = policy.with(PolicyRule.secrets().warns());
  expect(document(policy)).toEqual({ name: 'strict', maxAgeHours: 24, rules: [{ rule: 'vulnerabilities', severities: ['HIGH', 'UNKNOWN'], onlyFixed: false, action: 'deny' }] });
  expect(document(more)).toMatchObject({ name: 'strict', maxAgeHours: 24, rules: [{ rule: 'vulnerabilities' }, { rule: 'secrets', action: 'warn' }] });
});

test.each([ImagePolicy.standard(), ImagePolicy.standard().with(PolicyRule.secrets().warns())])('what is rendered is what the handlers read', policy => {
  expect(readPolicy(policy._render())).toMatchObject({ ok: true });
});

test.each<[string, () => unknown, string]>([
  ['no rule', () => ImagePolicy.of({ name: 'empty', rules: [] }), 'the policy "empty" is not valid: rules'],
  ['nothing that denies', () => ImagePolicy.of({ name: 'lax', rules: [PolicyRule.secrets().warns()] }), 'the policy "lax" is not valid: policy: a policy without a rule that refuses passes everything'],
  ['nothing that refuses', () => ImagePolicy.of({ name: 'lax', rules: [PolicyRule.coverage(), PolicyRule.databaseAge(24), PolicyRule.secrets().warns()] }), 'policy: a policy without a rule that refuses passes everything'],
  ['a warning that is none', () => PolicyRule.coverage().warns(), 'the rule coverage cannot warn: it refuses nothing, it ends in ERROR; leave it out instead'],
  ['no name', () => ImagePolicy.of({ name: '', rules: [PolicyRule.secrets()] }), 'the policy "" is not valid: name'],
  ['a name that is too long', () => ImagePolicy.of({ name: 'n'.repeat(65), rules: [PolicyRule.secrets()] }), 'is not valid: name'],
  ['an age of a quarter of a year', () => ImagePolicy.of({ name: 'old', rules: [PolicyRule.secrets()], maxAge: Duration.days(90) }), 'the policy "old" is not valid: maxAgeHours'],
  ['half an hour', () => ImagePolicy.of({ name: 'short', rules: [PolicyRule.secrets()], maxAge: Duration.minutes(30) }), '30 minutes'],
  ['no severity', () => PolicyRule.vulnerabilities({ severities: [] }), 'a vulnerability rule names no severity, allowed: one or more of '],
  ['a database of no age', () => PolicyRule.databaseAge(0), 'the rule database-age is not valid: maxHours'],
  ['a database of half an hour', () => PolicyRule.databaseAge(0.5), 'the rule database-age is not valid: maxHours'],
])('%s is refused', (_what, act, message) => {
  expect(act).toThrow(message);
});

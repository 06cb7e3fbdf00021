import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import {
  BaseImage,
  ImagePolicy,
  PackageSupplier,
  PolicyRule,
  UnreadKinds,
  VulnerabilitySeverity,
  type AcceptedFile,
} from '../../src';
import { readPolicy } from '../../src/core/policy/policy';
import { SUPPLIERS } from '../../src/core/policy/rules/package-suppliers';
import { UNREAD_KINDS } from '../../src/core/policy/rules/unaccounted-files';

const document = (policy: ImagePolicy) => JSON.parse(policy._render());

test('the standard policy', () => {
  expect(document(ImagePolicy.standard())).toEqual({
    name: 'standard',
    maxAgeHours: 72,
    rules: [
      { rule: 'coverage', action: 'deny' },
      { rule: 'database-age', maxHours: 48, action: 'deny' },
      {
        rule: 'vulnerabilities',
        severities: ['CRITICAL'],
        onlyFixed: true,
        graceDays: { CRITICAL: 7 },
        action: 'deny',
      },
      { rule: 'secrets', action: 'deny' },
      { rule: 'end-of-life-os', action: 'deny' },
      { rule: 'runs-as-root', action: 'deny' },
    ],
  });
});

test('the strict policy', () => {
  expect(document(ImagePolicy.strict())).toEqual({
    name: 'strict',
    maxAgeHours: 48,
    rules: [
      { rule: 'coverage', unreadKinds: 'indeterminate', action: 'deny' },
      { rule: 'database-age', maxHours: 24, action: 'deny' },
      {
        rule: 'vulnerabilities',
        severities: ['CRITICAL', 'HIGH', 'UNKNOWN'],
        onlyFixed: true,
        graceDays: { CRITICAL: 7, HIGH: 30, UNKNOWN: 30 },
        action: 'deny',
      },
      { rule: 'vulnerabilities', severities: ['CRITICAL'], onlyFixed: false, action: 'warn' },
      { rule: 'secrets', action: 'deny' },
      { rule: 'misconfigurations', severities: ['CRITICAL', 'HIGH'], action: 'deny' },
      { rule: 'end-of-life-os', action: 'deny' },
      { rule: 'runs-as-root', action: 'deny' },
    ],
  });
});

describe('a policy for audit', () => {
  test('has the rules of the strict one, and each that can warns', () => {
    const { audit, name, rules } = document(ImagePolicy.audit());
    expect({ audit, name }).toEqual({ audit: true, name: 'audit strict' });
    expect(rules.map(({ action: _, ...rule }: any) => rule)).toEqual(
      document(ImagePolicy.strict()).rules.map(({ action: _, ...rule }: any) => rule),
    );
    expect(rules.filter(({ action }: any) => action === 'deny').map(({ rule }: any) => rule)).toEqual([
      'coverage',
      'database-age',
    ]);
  });

  test('has the rules of any other, and its age', () => {
    const mine = ImagePolicy.of({
      name: 'n'.repeat(64),
      maxAge: Duration.hours(5),
      rules: [PolicyRule.secrets()],
    });
    expect(document(ImagePolicy.audit(mine))).toEqual({
      name: `audit ${'n'.repeat(58)}`,
      audit: true,
      maxAgeHours: 5,
      rules: [{ rule: 'secrets', action: 'warn' }],
    });
  });

  test('takes more rules that warn, and none that denies', () => {
    expect(
      document(ImagePolicy.audit().plus(PolicyRule.licenses({ forbidden: ['AGPL-*'] }).warns())),
    ).toMatchObject({ audit: true });
    expect(() => ImagePolicy.audit().plus(PolicyRule.licenses({ forbidden: ['AGPL-*'] }))).toThrow(/audit/);
  });
});

describe('a policy without a rule', () => {
  test('has all others, and another one in its place', () => {
    const policy = ImagePolicy.strict()
      .without('vulnerabilities')
      .without('runs-as-root')
      .plus(PolicyRule.runsAsRoot().warns());
    expect(document(policy).rules.map(({ rule, action }: any) => `${rule} ${action}`)).toEqual([
      'coverage deny',
      'database-age deny',
      'secrets deny',
      'misconfigurations deny',
      'end-of-life-os deny',
      'runs-as-root warn',
    ]);
  });

  test('leaves the one that it was made of alone', () => {
    const standard = ImagePolicy.standard();
    standard.without('runs-as-root');
    expect(document(standard)).toEqual(document(ImagePolicy.standard()));
  });
});

test('suppliers are trusted by name, and none where none is named', () => {
  expect(Object.values(PackageSupplier).sort()).toEqual([...SUPPLIERS].sort());
  expect(PolicyRule.coverage({ trustedSuppliers: [PackageSupplier.RAPIDFORT] })._entry()).toEqual({
    rule: 'coverage',
    trustedSuppliers: ['rapidfort'],
    action: 'deny',
  });
  expect(PolicyRule.coverage({ trustedSuppliers: [] })._entry()).toEqual(PolicyRule.coverage()._entry());
  expect(() => PolicyRule.coverage({ trustedSuppliers: ['acme' as PackageSupplier] })).toThrow(
    'the property "trustedSuppliers" of CoverageRuleOptions is a list with "acme", allowed: a list of PackageSupplier',
  );
});

test('files are accepted by path, with a reason and a last day', () => {
  const accepted = {
    path: 'opt/acme/**',
    reason: 'checked by hand with every release',
    expires: '2027-03-31',
  };
  expect(Object.values(UnreadKinds).sort()).toEqual([...UNREAD_KINDS].sort());
  expect(
    PolicyRule.coverage({ unreadKinds: UnreadKinds.INDETERMINATE, accepted: [accepted] })._entry(),
  ).toEqual({ rule: 'coverage', unreadKinds: 'indeterminate', accepted: [accepted], action: 'deny' });
  expect(PolicyRule.coverage({ accepted: [] })._entry()).toEqual(PolicyRule.coverage()._entry());
});

test.each([
  [
    { path: '**' },
    /accepted\.0\.path: path is "\*\*", which is too broad without more; name at least one folder or file in full$/,
  ],
  [{ path: '../a' }, /path is "\.\.\/a", allowed: a path as Trivy reports it/],
  [{ path: '' }, /accepted\.0\.path: path is "", allowed: /],
  [{ reason: 'why not' }, /reason is "why not", allowed: a text of 20 to 2000 visible characters/],
  [{ expires: 'tomorrow' }, /expires is "tomorrow", allowed: a day as YYYY-MM-DD/],
])('a file is not accepted with %j', (change, message) => {
  const file = { path: 'opt/acme/**', reason: 'checked by hand with every release', expires: '2027-03-31' };
  expect(() => PolicyRule.coverage({ accepted: [{ ...file, ...change }] })).toThrow(message);
});

test('what is no accepted file is said by its property', () => {
  expect(() => PolicyRule.coverage({ accepted: [{ path: 'a' } as AcceptedFile] })).toThrow(/AcceptedFile/);
  expect(() => PolicyRule.coverage({ unreadKinds: 'ignore' as UnreadKinds })).toThrow(/an UnreadKinds/);
});

test('a rule may be there twice, with other parameters', () => {
  const { CRITICAL, HIGH } = VulnerabilitySeverity;
  const policy = ImagePolicy.of({
    name: 'graded',
    rules: [
      PolicyRule.vulnerabilities({ severities: [CRITICAL] }),
      PolicyRule.vulnerabilities({ severities: [HIGH], gracePeriod: { high: Duration.days(30) } }).warns(),
    ],
  });
  expect(document(policy).rules).toEqual([
    { rule: 'vulnerabilities', severities: ['CRITICAL'], onlyFixed: true, action: 'deny' },
    {
      rule: 'vulnerabilities',
      severities: ['HIGH'],
      onlyFixed: true,
      graceDays: { HIGH: 30 },
      action: 'warn',
    },
  ]);
});

test.each<[string, PolicyRule, object]>([
  [
    'a score',
    PolicyRule.vulnerabilities({ scoreAtLeast: 7 }),
    {
      rule: 'vulnerabilities',
      severities: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'],
      onlyFixed: true,
      scoreAtLeast: 7,
    },
  ],
  [
    'a score of some',
    PolicyRule.vulnerabilities({ scoreAtLeast: 9.5, severities: [VulnerabilitySeverity.UNKNOWN] }),
    { rule: 'vulnerabilities', severities: ['UNKNOWN'], onlyFixed: true, scoreAtLeast: 9.5 },
  ],
  [
    'an empty grace period',
    PolicyRule.vulnerabilities({ gracePeriod: {} }),
    { rule: 'vulnerabilities', severities: ['CRITICAL'], onlyFixed: true },
  ],
  [
    'misconfigurations',
    PolicyRule.misconfigurations(),
    { rule: 'misconfigurations', severities: ['CRITICAL', 'HIGH'] },
  ],
  ['licences', PolicyRule.licenses({ forbidden: ['AGPL-*'] }), { rule: 'licenses', forbidden: ['AGPL-*'] }],
  ['an age', PolicyRule.imageAge({ max: Duration.hours(48) }), { rule: 'image-age', maxDays: 2 }],
  ['labels', PolicyRule.requiredLabels(['a']), { rule: 'required-labels', labels: ['a'] }],
  [
    'packages',
    PolicyRule.deniedPackages(['pkg:npm/*']),
    { rule: 'denied-packages', packages: ['pkg:npm/*'] },
  ],
  [
    'a catalog of exploited vulnerabilities',
    PolicyRule.exploitedVulnerabilities(join(__dirname, 'exploited', 'known-exploited.json')),
    { rule: 'exploited-vulnerabilities', ids: ['CVE-2014-0160', 'CVE-2021-44228'] },
  ],
  [
    'base images',
    PolicyRule.allowedBaseImages([
      BaseImage.named('docker.io/library/debian:*'),
      BaseImage.ofLayers('debian 13', [`sha256:${'a'.repeat(64)}`]),
    ]),
    {
      rule: 'allowed-base-images',
      allowed: [
        { name: 'docker.io/library/debian:*' },
        { title: 'debian 13', diffIds: [`sha256:${'a'.repeat(64)}`] },
      ],
    },
  ],
])('%s in a document', (_, rule, entry) => {
  expect(rule._entry()).toEqual({ ...entry, action: 'deny' });
});

test('a policy of your own, and one rule more', () => {
  const policy = ImagePolicy.of({
    name: 'strict',
    maxAge: Duration.days(1),
    rules: [
      PolicyRule.vulnerabilities({
        severities: [VulnerabilitySeverity.HIGH, VulnerabilitySeverity.UNKNOWN],
        onlyFixed: false,
      }),
    ],
  });
  const more = policy.plus(PolicyRule.secrets().warns());
  expect(document(policy)).toEqual({
    name: 'strict',
    maxAgeHours: 24,
    rules: [{ rule: 'vulnerabilities', severities: ['HIGH', 'UNKNOWN'], onlyFixed: false, action: 'deny' }],
  });
  expect(document(more)).toMatchObject({
    name: 'strict',
    maxAgeHours: 24,
    rules: [{ rule: 'vulnerabilities' }, { rule: 'secrets', action: 'warn' }],
  });
});

test.each([
  ImagePolicy.standard(),
  ImagePolicy.strict(),
  ImagePolicy.audit(),
  ImagePolicy.standard().plus(PolicyRule.secrets().warns()),
])('what is rendered is what the handlers read', policy => {
  expect(readPolicy(policy._render())).toMatchObject({ ok: true });
});

test.each<[string, () => unknown, string]>([
  ['no rule', () => ImagePolicy.of({ name: 'empty', rules: [] }), 'the policy "empty" is not valid: rules'],
  [
    'nothing that denies',
    () => ImagePolicy.of({ name: 'lax', rules: [PolicyRule.secrets().warns()] }),
    'the policy "lax" is not valid: policy: no rule refuses anything, allowed: at least one rule with the action deny; a policy without one passes every image',
  ],
  [
    'nothing that refuses',
    () =>
      ImagePolicy.of({
        name: 'lax',
        rules: [
          PolicyRule.coverage(),
          PolicyRule.databaseAge(Duration.hours(24)),
          PolicyRule.secrets().warns(),
        ],
      }),
    'policy: no rule refuses anything, allowed: at least one rule with the action deny; a policy without one passes every image',
  ],
  [
    'a warning that is none',
    () => PolicyRule.coverage().warns(),
    'the rule coverage cannot warn, since it refuses nothing and ends in ERROR; leave it out instead',
  ],
  [
    'no name',
    () => ImagePolicy.of({ name: '', rules: [PolicyRule.secrets()] }),
    'the policy "" is not valid: name',
  ],
  [
    'a name that is too long',
    () => ImagePolicy.of({ name: 'n'.repeat(65), rules: [PolicyRule.secrets()] }),
    'is not valid: name',
  ],
  [
    'an age of a quarter of a year',
    () => ImagePolicy.of({ name: 'old', rules: [PolicyRule.secrets()], maxAge: Duration.days(90) }),
    '"maxAge" of ImagePolicyProps is 90 days, allowed: a Duration of whole hours, 1 to 720, for example Duration.hours(72)',
  ],
  [
    'half an hour',
    () => ImagePolicy.of({ name: 'short', rules: [PolicyRule.secrets()], maxAge: Duration.minutes(30) }),
    '30 minutes',
  ],
  [
    'no severity',
    () => PolicyRule.vulnerabilities({ severities: [] }),
    'a vulnerability rule names no severity, allowed: one or more of ',
  ],
  [
    'no severity of a check',
    () => PolicyRule.misconfigurations({ severities: [] }),
    'a misconfiguration rule names no severity, allowed: one or more of ',
  ],
  [
    'a grace period for what is not refused',
    () => PolicyRule.vulnerabilities({ gracePeriod: { high: Duration.days(30) } }),
    'a grace period for HIGH is given to a rule that does not refuse it, allowed: CRITICAL',
  ],
  [
    'a grace period of half a day',
    () => PolicyRule.vulnerabilities({ gracePeriod: { critical: Duration.hours(12) } }),
    '12 hours',
  ],
  [
    'a grace period of no days',
    () => PolicyRule.vulnerabilities({ gracePeriod: { critical: Duration.days(0) } }),
    '"critical" of GracePeriod is 0 days, allowed: a Duration of whole days, 1 to 365, for example Duration.days(30)',
  ],
  [
    'a grace period of two years',
    () => PolicyRule.vulnerabilities({ gracePeriod: { critical: Duration.days(730) } }),
    '"critical" of GracePeriod is 730 days, allowed: a Duration of whole days, 1 to 365',
  ],
  [
    'a score of eleven',
    () => PolicyRule.vulnerabilities({ scoreAtLeast: 11 }),
    'the rule vulnerabilities is not valid: scoreAtLeast',
  ],
  [
    'a score that is none',
    () => PolicyRule.vulnerabilities({ scoreAtLeast: NaN }),
    'the rule vulnerabilities is not valid: scoreAtLeast',
  ],
  ['no licence', () => PolicyRule.licenses({ forbidden: [] }), 'the rule licenses is not valid: forbidden'],
  [
    'an empty licence',
    () => PolicyRule.licenses({ forbidden: [''] }),
    'the rule licenses is not valid: forbidden.0',
  ],
  ['no label', () => PolicyRule.requiredLabels([]), 'the rule required-labels is not valid: labels'],
  [
    'a package by its name',
    () => PolicyRule.deniedPackages(['event-stream']),
    'the rule denied-packages is not valid: packages.0: a package URL begins with pkg:',
  ],
  [
    'a package that lacks its namespace',
    () => PolicyRule.deniedPackages(['pkg:npm/a', 'pkg:maven/log4j-core']),
    'the rule denied-packages is not valid: packages.1: "pkg:maven/log4j-core" denies nothing, since a package of maven has a namespace, allowed: pkg:maven/<namespace>/<name>; write pkg:maven/**/log4j-core for every namespace',
  ],
  ['no package', () => PolicyRule.deniedPackages([]), 'the rule denied-packages is not valid: packages'],
  [
    'a catalog that is not there',
    () => PolicyRule.exploitedVulnerabilities('kev.json'),
    'the catalog "kev.json" is not there: a relative path begins in the folder in which the app runs',
  ],
  [
    'a catalog that is none',
    () => PolicyRule.exploitedVulnerabilities(join(__dirname, '..', '..', 'package.json')),
    "is no catalog of exploited vulnerabilities, allowed: the JSON of CISA's catalog of known exploited vulnerabilities, or",
  ],
  [
    'no base image',
    () => PolicyRule.allowedBaseImages([]),
    'the rule allowed-base-images is not valid: allowed',
  ],
  [
    'a registry by a pattern',
    () => PolicyRule.allowedBaseImages([BaseImage.named('*.example.com/a')]),
    'the rule allowed-base-images is not valid: allowed.0',
  ],
  [
    'every base image',
    () => PolicyRule.allowedBaseImages([BaseImage.named('*')]),
    'the rule allowed-base-images is not valid: allowed.0',
  ],
  [
    'a base image without layers',
    () => PolicyRule.allowedBaseImages([BaseImage.ofLayers('empty', [])]),
    'the rule allowed-base-images is not valid: allowed.0',
  ],
  [
    'a layer that is no digest',
    () => PolicyRule.allowedBaseImages([BaseImage.ofLayers('short', ['sha256:1'])]),
    'the rule allowed-base-images is not valid: allowed.0',
  ],
  ['an age of half a day', () => PolicyRule.imageAge({ max: Duration.hours(12) }), '12 hours'],
  [
    'an age of no days',
    () => PolicyRule.imageAge({ max: Duration.days(0) }),
    '"max" of ImageAgeRuleOptions is 0 days, allowed: a Duration of whole days, 1 to 3650, for example Duration.days(90)',
  ],
  [
    'without a rule that is not there',
    () => ImagePolicy.standard().without('run-as-root'),
    'the policy "standard" has no rule "run-as-root", it has: coverage, database-age, vulnerabilities, ',
  ],
  [
    'without its last rule',
    () => ImagePolicy.of({ name: 'one', rules: [PolicyRule.secrets()] }).without('secrets'),
    'the policy "one" is not valid: rules',
  ],
  [
    'without the last that denies',
    () =>
      ImagePolicy.of({ name: 'one', rules: [PolicyRule.secrets(), PolicyRule.runsAsRoot().warns()] }).without(
        'secrets',
      ),
    'no rule refuses anything',
  ],
  [
    'a database of no age',
    () => PolicyRule.databaseAge(Duration.hours(0)),
    'the age of PolicyRule.databaseAge() is 0 hours, allowed: a Duration of whole hours, 1 to 8760, for example Duration.hours(48)',
  ],
  [
    'a database of half an hour',
    () => PolicyRule.databaseAge(Duration.hours(0.5)),
    'the age of PolicyRule.databaseAge() is 30 minutes, allowed: a Duration of whole hours',
  ],
])('%s is refused', (_what, act, message) => {
  expect(act).toThrow(message);
});

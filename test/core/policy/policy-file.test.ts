import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { policyFileSchema, SCHEMA_FILE } from './policy-file-schema';
import { readPolicyFile } from '../../../src/core/policy/policy-file';
import type { PolicyFileOptions } from '../../../src/core/policy/policy-file-references';
import { PRESETS } from '../../../src/core/policy/presets';
import { RULES } from '../../../src/core/policy/rules';
import { failed, ok } from '../../../src/core/result';
import { ImagePolicy } from '../../../src/policy/image-policy';
import { PolicyRule } from '../../../src/policy/policy-rule';
import { PackageSupplier } from '../../../src/policy/rule-options';
import { NOW } from '../support/made';

const schema = z.fromJSONSchema(JSON.parse(policyFileSchema()) as Parameters<typeof z.fromJSONSchema>[0]);

type Files = Readonly<Record<string, string>>;

function read(text: string, files: Files = {}, check: PolicyFileOptions['check'] = () => []) {
  return readPolicyFile(text, {
    file: 'conf/trusted-images.yaml',
    read: path => {
      if (path in files) return ok([{ name: path, text: files[path]! }]);
      const inside = Object.keys(files).filter(name => name.startsWith(path));
      return inside.length === 0
        ? failed('is not there')
        : ok(inside.map(name => ({ name, text: files[name]! })));
    },
    check,
    now: NOW,
  });
}

function set(text: string, files: Files = {}) {
  const content = read(text, files);
  if (!content.ok) throw new Error(content.error.join('\n'));
  return content.value;
}

function problems(text: string, files: Files = {}, check?: PolicyFileOptions['check']): string[] {
  const content = read(text, files, check);
  return content.ok ? [] : content.error;
}

const WAIVER = {
  id: 'CVE-2024-0001',
  repositories: ['team/app'],
  owner: 'someone@example.com',
  reason: 'nobody calls what is vulnerable here',
  accepted: '2026-11-20',
  expires: '2026-12-01',
};
const waiversYaml = (...waivers: object[]) => JSON.stringify({ version: 1, waivers });

describe('what a file says is what ImagePolicy says', () => {
  test.each([
    ['extends: standard', ImagePolicy.standard()],
    ['extends: strict', ImagePolicy.strict()],
    ['extends: audit', ImagePolicy.audit()],
    ['extends: standard, audit: true', ImagePolicy.audit(ImagePolicy.standard())],
    ['extends: strict, without: [secrets]', ImagePolicy.strict().without('secrets')],
  ])('{ %s }, to the byte', (text, policy) => {
    expect(JSON.stringify(set(`version: 1\npolicy: { ${text} }`).set.default)).toBe(policy._render());
  });

  test('more rules come after those of the policy that is extended; they deny, unless they say otherwise', () => {
    const { rules } = set(
      [
        'version: 1',
        'policy:',
        '  extends: standard',
        '  rules:',
        '    - { rule: licenses, forbidden: [AGPL*] }',
        '    - { rule: image-age, maxDays: 30, action: warn }',
      ].join('\n'),
    ).set.default;
    expect(rules.slice(0, -2)).toEqual(PRESETS.standard.rules);
    expect(rules.slice(-2)).toEqual([
      { rule: 'licenses', forbidden: ['AGPL*'], action: 'deny' },
      { rule: 'image-age', maxDays: 30, action: 'warn' },
    ]);
  });

  test('vulnerabilities and misconfigurations have the defaults of PolicyRule', () => {
    const { rules } = set(
      [
        'version: 1',
        'policy: { name: mine, rules: [{ rule: vulnerabilities }, { rule: vulnerabilities, scoreAtLeast: 8 }, { rule: misconfigurations }] }',
      ].join('\n'),
    ).set.default;
    expect(rules).toEqual([
      { rule: 'vulnerabilities', severities: ['CRITICAL'], onlyFixed: true, action: 'deny' },
      {
        rule: 'vulnerabilities',
        severities: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'],
        onlyFixed: true,
        scoreAtLeast: 8,
        action: 'deny',
      },
      { rule: 'misconfigurations', severities: ['CRITICAL', 'HIGH'], action: 'deny' },
    ]);
  });

  test('a catalog of exploited vulnerabilities is read, and its ids are in the document', () => {
    const folder = join(__dirname, '..', '..', 'policy', 'exploited');
    const rule = PolicyRule.exploitedVulnerabilities(join(folder, 'known-exploited.json'));
    const text =
      'version: 1\npolicy: { extends: standard, rules: [{ rule: exploited-vulnerabilities, catalog: kev.json }] }';
    const files = { 'kev.json': readFileSync(join(folder, 'known-exploited.json'), 'utf8') };
    expect(JSON.stringify(set(text, files).set.default)).toBe(ImagePolicy.standard().plus(rule)._render());
    const at = /^conf\/trusted-images\.yaml:2:\d+: /;
    for (const [bad, why] of [
      [{}, '"kev.json" is not there'],
      [{ 'kev.json': '{}' }, '"kev.json" is no catalog of exploited vulnerabilities, allowed: '],
      [{ 'kev.json/a.rego': 'x' }, '"kev.json" is a folder, allowed: a file'],
    ] as const) {
      expect(problems(text, bad)).toEqual([expect.stringMatching(at)]);
      expect(problems(text, bad)).toEqual([expect.stringContaining(why)]);
    }
    const ids = text.replace('catalog: kev.json', 'ids: [CVE-2021-44228]');
    expect(problems(ids, files).join()).toContain('"ids" is not a key of ');
  });

  test('coverage names the suppliers that it trusts, and knows no others', () => {
    const trusting = PolicyRule.coverage({
      trustedSuppliers: [PackageSupplier.SEAL, PackageSupplier.ROOT_IO],
    });
    expect(
      set(
        'version: 1\npolicy: { extends: standard, without: [coverage], rules: [{ rule: coverage, trustedSuppliers: [seal, root.io] }] }',
      ).set.default,
    ).toEqual(JSON.parse(ImagePolicy.standard().without('coverage').plus(trusting)._render()));
    expect(
      problems(
        'version: 1\npolicy: { extends: standard, rules: [{ rule: coverage, trustedSuppliers: [acme] }] }',
      ),
    ).toEqual([expect.stringContaining('is "acme", allowed: rapidfort, root.io, seal')]);
  });

  test('an audit makes each rule warn that can, also its own', () => {
    const { rules, audit } = set(
      'version: 1\npolicy: { extends: audit, rules: [{ rule: licenses, forbidden: [AGPL*] }] }',
    ).set.default;
    expect(audit).toBe(true);
    expect(rules.filter(({ action }) => action === 'deny').map(({ rule }) => rule)).toEqual([
      'coverage',
      'database-age',
    ]);
  });
});

test('repositories are named by prefix and by name, and the first that names one judges', () => {
  const { scoped } = set(
    [
      'version: 1',
      'policy: { extends: standard }',
      'repositoryPolicies:',
      '  - repositories: [{ prefix: internet/ }, { name: team/app }]',
      '    policy: { extends: strict }',
    ].join('\n'),
  ).set;
  expect(scoped).toEqual([
    {
      repositories: [
        { by: 'prefix', prefix: 'internet/' },
        { by: 'name', name: 'team/app' },
      ],
      policy: PRESETS.strict,
    },
  ]);
});

describe('mistakes', () => {
  test('of the text: all at once, each with its place, the value, and what is allowed', () => {
    expect(
      problems(
        [
          'version: 2',
          'policy:',
          '  extends: standrd',
          '  maxAgeHours: 0',
          '  rules:',
          '    - rule: licences',
          '      forbidden: [x]',
          '    - rule: licenses',
          '      forbiden: [AGPL*]',
          '    - rule: image-age',
          '      maxDays: ten',
          '    - rule: runs-as-root',
          '      action: reject',
          '    - rule: coverage',
          '      action: warn',
          'repositoryPolicies:',
          '  - repositories: [{ prefix: Team/ }, { tag: x }]',
          '    policy: { extends: strict }',
          'waivers: waivers.yaml',
          'more: 1',
        ].join('\n'),
      ),
    ).toEqual([
      'conf/trusted-images.yaml:1:1: version is the number "2", allowed: 1',
      'conf/trusted-images.yaml:3:3: extends is "standrd", allowed: standard, strict, audit',
      'conf/trusted-images.yaml:4:3: maxAgeHours is the number "0", allowed: 1 or more',
      `conf/trusted-images.yaml:6:7: rule is "licences", allowed: ${[...RULES.keys()].sort().join(', ')}`,
      'conf/trusted-images.yaml:8:7: forbidden is missing, allowed: a list',
      'conf/trusted-images.yaml:9:7: "forbiden" is not a key of rules, allowed: rule, action, forbidden',
      'conf/trusted-images.yaml:11:7: maxDays is "ten", allowed: a number',
      'conf/trusted-images.yaml:13:7: action is "reject", allowed: deny, warn',
      'conf/trusted-images.yaml:15:7: "action" is not a key of rules, allowed: rule, trustedSuppliers, unreadKinds, accepted',
      expect.stringMatching(
        /^conf\/trusted-images\.yaml:17:22: a prefix is not the start of a repository name, allowed: /,
      ),
      'conf/trusted-images.yaml:17:39: a selector is neither a prefix nor a name, allowed: prefix: team/ or name: team/app',
      'conf/trusted-images.yaml:19:1: waivers is "waivers.yaml", allowed: a list',
      'conf/trusted-images.yaml:20:1: "more" is not a key of the document, allowed: version, policy, repositoryPolicies, waivers, maxWaiverLifeDays',
    ]);
  });

  test('of the meaning, and in the files that it names: all at once, each in its file', () => {
    const text = [
      'version: 1',
      'policy:',
      '  extends: standard',
      '  without: [licenses]',
      '  rules:',
      '    - rule: vulnerabilities',
      '      graceDays: { HIGH: 7 }',
      '    - { rule: rego, files: [nothing/] }',
      '    - { rule: rego, files: [rego/] }',
      'repositoryPolicies:',
      '  - repositories: [{ prefix: team/ }]',
      '    policy: { rules: [{ rule: secrets }] }',
      'waivers:',
      '  - file: waivers.yaml',
      '  - file: gone.yaml',
      '  - file: vex.json',
      '  - { file: rego/a.rego, defaults: { owner: me@example.com } }',
    ].join('\n');
    const check = () => [
      { code: 'rego_parse_error', message: 'unexpected token', file: 'rego/a.rego', row: 3, column: 5 },
    ];
    const files = {
      'rego/a.rego': 'package a',
      'waivers.yaml': waiversYaml({ ...WAIVER, owner: 'x' }),
      'vex.json': '{}',
    };
    expect(problems(text, files, check)).toEqual([
      expect.stringMatching(
        /^conf\/trusted-images\.yaml:4:13: without names "licenses", allowed: a rule of standard: coverage, /,
      ),
      expect.stringMatching(
        /^conf\/trusted-images\.yaml:7:20: a grace period for HIGH is given to a rule that does not refuse it, allowed: CRITICAL; /,
      ),
      'conf/trusted-images.yaml:8:29: "nothing/" is not there',
      expect.stringMatching(/^conf\/trusted-images\.yaml:12:5: name is missing, allowed: /),
      'conf/trusted-images.yaml:15:5: "gone.yaml" is not there',
      expect.stringMatching(
        /^conf\/trusted-images\.yaml:16:5: registries is missing, allowed: hosts such as /,
      ),
      expect.stringMatching(
        /^conf\/trusted-images\.yaml:17:26: defaults are given for a file of waivers, allowed: for trivyignore and openvex/,
      ),
      'conf/rego/a.rego:3:5: rego_parse_error: unexpected token',
      expect.stringMatching(/^conf\/waivers\.yaml:1:\d+: owner is "x", allowed: /),
    ]);
  });

  test.each([
    ['an absolute path', '/etc/policy.rego'],
    ['a path with a backslash', 'a\\\\b.rego'],
    ['a drive', 'C:/policy.rego'],
    ['a home', '~/policy.rego'],
  ])('%s is none of a file that lies beside this one', (_what, path) => {
    expect(
      problems(`version: 1\npolicy: { extends: standard, rules: [{ rule: rego, files: ["${path}"] }] }`)[0],
    ).toMatch(/absolute or has a backslash, allowed: one relative/);
  });

  test('a denial that can match nothing, at its place', () => {
    const text = [
      'version: 1',
      'policy:',
      '  extends: standard',
      '  rules:',
      '    - rule: denied-packages',
      '      packages:',
      '        - pkg:golang/stdlib',
      '        - pkg:maven/log4j-core',
    ].join('\n');
    expect(problems(text)).toEqual([
      'conf/trusted-images.yaml:8:11: "pkg:maven/log4j-core" denies nothing, since a package of maven has a namespace, allowed: pkg:maven/<namespace>/<name>; write pkg:maven/**/log4j-core for every namespace',
    ]);
  });

  test('a policy that refuses nothing, and does not say that it is for audit', () => {
    expect(problems('version: 1\npolicy: { name: soft, rules: [{ rule: secrets, action: warn }] }')).toEqual([
      'conf/trusted-images.yaml:2:1: no rule refuses anything, allowed: at least one rule with the action deny; a policy without one passes every image',
    ]);
  });

  test.each([
    '',
    '[]',
    'a text',
    'version: 1',
    '{',
    '&a a: *a',
    'version: 1\nversion: 1',
    `version: 1\npolicy: ${'{ a: '.repeat(40)}`,
  ])('%j is an error, and no exception', text => {
    expect(problems(text).length).toBeGreaterThan(0);
    for (const problem of problems(text)) expect(problem).toMatch(/^conf\/trusted-images\.yaml:\d+:\d+: /);
  });
});

test('waivers of three formats, with their defaults and the longest life of the file', () => {
  const text = [
    'version: 1',
    'policy: { extends: standard }',
    'maxWaiverLifeDays: 30',
    'waivers:',
    '  - file: waivers.yaml',
    '  - file: .trivyignore',
    '    defaults: { owner: me@example.com, reason: assessed by the platform team, expires: 2026-12-01, repositories: [team/*] }',
  ].join('\n');
  const { waivers, maxWaiverLifeDays } = set(text, {
    'waivers.yaml': waiversYaml(WAIVER),
    '.trivyignore': 'CVE-2024-0002 # noise\n',
  });
  expect(waivers.map(({ id }) => id).sort()).toEqual(['CVE-2024-0001', 'CVE-2024-0002']);
  expect(maxWaiverLifeDays).toBe(30);
  expect(
    problems(text.replace(': 30', ': 2'), { 'waivers.yaml': waiversYaml(WAIVER), '.trivyignore': '' })[0],
  ).toMatch(/^conf\/waivers\.yaml:1:\d+: expires is /);
});

describe('the schema', () => {
  test('is what is read with; else run npx tsx test/core/policy/policy-file-schema.ts', () => {
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(policyFileSchema());
  });

  test.each([
    'version: 1\npolicy: { extends: standard }',
    'version: 1\npolicy: { name: a, rules: [{ rule: vulnerabilities, severities: [HIGH], graceDays: { HIGH: 3 } }, { rule: rego, files: [a/] }] }',
    'version: 1\npolicy: { extends: audit }\nrepositoryPolicies: [{ repositories: [{ prefix: a/ }], policy: { extends: strict } }]\nwaivers: [{ file: a.yaml }]',
  ])('agrees with the reader on what is right: %j', text =>
    expect(schema.safeParse(parse(text))).toMatchObject({ success: true }),
  );

  test.each([
    'version: 2\npolicy: { extends: standard }',
    'version: 1',
    'version: 1\npolicy: { extends: lax }',
    'version: 1\npolicy: { extends: standard, rules: [{ rule: nothing }] }',
    'version: 1\npolicy: { extends: standard, rules: [{ rule: coverage, action: warn }] }',
    'version: 1\npolicy: { extends: standard, rules: [{ rule: licenses }] }',
  ])('and on what is wrong: %j', text => {
    expect(schema.safeParse(parse(text))).toMatchObject({ success: false });
    expect(problems(text)).not.toEqual([]);
  });
});

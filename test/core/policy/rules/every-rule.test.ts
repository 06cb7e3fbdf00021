import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { RULES } from '../../../../src/core/policy/rules';
import { BaseImage } from '../../../../src/policy/base-image';
import { PolicyRule } from '../../../../src/policy/policy-rule';
import { RegoSource } from '../../../../src/policy/rego-source';

/** What several rules share lies beside them. */
const SHARED = [
  'exploited-catalog',
  'index',
  'os-calendar',
  'os-families',
  'package-suppliers',
  'rule',
  'spdx-expression',
  'spdx-names',
  'unaccounted-files',
];
const files = readdirSync(join(__dirname, '../../../../src/core/policy/rules'))
  .map(file => file.replace(/\.ts$/, ''))
  .filter(file => !SHARED.includes(file));

const EVERY_RULE: Record<string, PolicyRule> = {
  allowedBaseImages: PolicyRule.allowedBaseImages([BaseImage.named('docker.io/library/debian:*')]),
  coverage: PolicyRule.coverage(),
  databaseAge: PolicyRule.databaseAge(Duration.hours(48)),
  deniedPackages: PolicyRule.deniedPackages(['pkg:npm/event-stream']),
  endOfLifeOs: PolicyRule.endOfLifeOs(),
  exploitedVulnerabilities: PolicyRule.exploitedVulnerabilities(
    join(__dirname, '../../../policy/exploited/known-exploited.json'),
  ),
  imageAge: PolicyRule.imageAge({ max: Duration.days(90) }),
  licenses: PolicyRule.licenses({ forbidden: ['AGPL-*'] }),
  misconfigurations: PolicyRule.misconfigurations(),
  rego: PolicyRule.rego(RegoSource.fromFile(join(__dirname, '../../../e2e/apps/rego/guide.rego'))),
  requiredLabels: PolicyRule.requiredLabels(['org.opencontainers.image.source']),
  runsAsRoot: PolicyRule.runsAsRoot(),
  secrets: PolicyRule.secrets(),
  vulnerabilities: PolicyRule.vulnerabilities(),
};

describe('every rule', () => {
  test.each(files)(
    '%s is registered, and has a test with an example that passes and one that does not',
    name => {
      expect(RULES.has(name)).toBe(true);
      const tests = readFileSync(join(__dirname, `${name}.test.ts`), 'utf8');
      expect(tests).toMatch(/test(?:\.each\([^]*?\))?\('passes /);
      expect(tests).toMatch(/test(?:\.each\([^]*?\))?\('(?:fails|is indeterminate) /);
    },
  );

  test('there is none without a file', () => {
    expect([...RULES.keys()].sort()).toEqual([...files].sort());
  });

  test('the public API has every one of them', () => {
    const entries = Object.values(EVERY_RULE).map(rule => rule._entry().rule);
    expect(Object.keys(EVERY_RULE).sort()).toEqual(
      Object.getOwnPropertyNames(PolicyRule)
        .filter(name => !['length', 'name', 'of', 'prototype'].includes(name))
        .sort(),
    );
    expect(entries.sort()).toEqual([...files].sort());
  });

  test.each(
    Object.values(EVERY_RULE)
      .filter(rule => rule._refuses())
      .map(rule => [rule._entry().rule as string, rule] as const),
  )('%s can warn', (_, rule) => {
    expect(rule.warns()._entry()).toEqual({ ...rule._entry(), action: 'warn' });
  });
});

import { checksSarif } from '../../../src/core/scanning/checks-sarif';
import type { Severity } from '../../../src/core/scanning/finding';
import { normalise } from '../../../src/core/scanning/normalise';
import { toSarif } from '../../../src/core/scanning/sarif';
import { HOSTILE } from '../support/hostile';
import { LINK } from '../support/inert';
import { HONEST, LINKS } from '../support/names';
import { parsed, rawReport, report, REPORTS } from '../support/reports';

const sarif = (name: string): any => toSarif(normalise(report(name)), { version: '0.74.0' });

describe('findings as SARIF 2.1.0', () => {
  test.each(REPORTS)('%s: one result for each finding, and each names its rule', name => {
    const {
      version,
      runs: [
        {
          tool: { driver },
          results,
        },
      ],
    } = sarif(name);
    expect(version).toBe('2.1.0');
    expect(results).toHaveLength(normalise(report(name)).length);
    expect(new Set(driver.rules.map(({ id }: any) => id)).size).toBe(driver.rules.length);
    for (const result of results) {
      expect(driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.message.text).not.toBe('');
      expect(result.locations[0].physicalLocation.artifactLocation.uri).toMatch(/^[^\s:]+$/);
      expect(result.partialFingerprints.trustedImages).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  test.each<[Severity, string, string]>([
    ['CRITICAL', 'error', '9.5'],
    ['HIGH', 'error', '8.0'],
    ['MEDIUM', 'warning', '5.5'],
    ['LOW', 'note', '2.0'],
    ['UNKNOWN', 'note', '0.0'],
  ])('%s is the level %s', (severity, level, score) => {
    const {
      runs: [
        {
          tool: { driver },
          results,
        },
      ],
    } = toSarif([{ type: 'vulnerability', fingerprint: '0', id: 'CVE-1', severity, title: 'x' }], {
      version: '1',
    }) as any;
    expect([results[0].level, driver.rules[0].properties['security-severity']]).toEqual([level, score]);
  });

  test.each<[Severity, Severity, string]>([
    ['LOW', 'CRITICAL', '9.5'],
    ['CRITICAL', 'LOW', '9.5'],
    ['UNKNOWN', 'LOW', '2.0'],
    ['MEDIUM', 'MEDIUM', '5.5'],
  ])(
    'GitHub, security-severity: a rule is as bad as its worst finding: of %s and %s it is %s',
    (one, other, score) => {
      const finding = { type: 'vulnerability', id: 'CVE-1', title: 'x' } as const;
      const {
        runs: [{ tool, results }],
      } = toSarif(
        [
          { ...finding, fingerprint: '0', severity: one },
          { ...finding, fingerprint: '1', id: 'CVE-2', severity: 'HIGH' },
          { ...finding, fingerprint: '2', severity: other },
        ],
        { version: '1' },
      ) as any;
      expect(tool.driver.rules.map((rule: any) => [rule.id, rule.properties['security-severity']])).toEqual([
        ['CVE-1', score],
        ['CVE-2', '8.0'],
      ]);
      expect(results.map(({ ruleIndex }: any) => ruleIndex)).toEqual([0, 1, 0]);
    },
  );

  const named = (name: string): any => {
    const raw = rawReport('fixable-critical');
    const Vulnerability = raw.Results[1].Vulnerabilities[0];
    const all = { InstalledVersion: name, FixedVersion: name, PkgName: name, Title: name, PkgPath: 'a' };
    raw.Results[1].Vulnerabilities = [{ ...Vulnerability, ...all }];
    raw.Results[1].Secrets = [
      { RuleID: name, Severity: 'HIGH', Title: name, StartLine: 1, EndLine: 1, Match: '' },
    ];
    const { runs } = toSarif(normalise(parsed(raw)), { version: '1' }) as any;
    return runs[0];
  };

  test.each(LINKS)('code scanning makes no link of %j', name => {
    const { tool, results } = named(name);
    const texts = [
      ...results.map(({ message }: any) => message.text),
      ...tool.driver.rules.map(({ shortDescription }: any) => shortDescription.text),
    ];
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) expect(text).not.toMatch(LINK);
  });

  test.each(HONEST)('and %j reads as it is', name => {
    expect(named(name).results[0].message.text).toContain(`in ${name} ${name}: fixed in ${name}`);
  });

  test.each(LINKS)('nor of %j in a check of a file', name => {
    const check = {
      rule: name,
      level: 'error',
      file: 'Dockerfile',
      line: 1,
      message: name,
      remedy: name,
    } as const;
    const {
      runs: [{ tool, results }],
    } = checksSarif([{ ...check, url: 'https://avd.example/ds-0001' }]) as any;
    const [rule] = tool.driver.rules;
    for (const { text } of [results[0].message, rule.shortDescription, rule.help]) {
      expect(text).not.toMatch(LINK);
    }
    // that of the advisory is ours
    expect(rule.helpUri).toBe('https://avd.example/ds-0001');
  });

  test.each(HOSTILE)('a path is a relative URI whatever it is called: %j', hostile => {
    const raw = rawReport('fixable-critical');
    raw.Results[1].Vulnerabilities[0] = {
      ...raw.Results[1].Vulnerabilities[0],
      PkgPath: hostile,
      PrimaryURL: `https://example.com/${hostile}`,
      PkgName: hostile,
    };
    const {
      runs: [{ results }],
    } = toSarif(normalise(parsed(raw)), { version: '1' }) as any;
    expect(
      new URL(results[0].locations[0].physicalLocation.artifactLocation.uri, 'https://image.invalid/').host,
    ).toBe('image.invalid');
  });

  test('SARIF 2.1.0, 3.29.3: a Go binary is the location of what was found in it', () => {
    const { runs } = sarif('languages');
    const found = runs[0].results.filter(({ ruleId }: any) => ruleId === 'CVE-2024-24790');
    expect(found.map((each: any) => each.locations[0].physicalLocation.artifactLocation.uri)).toEqual([
      'usr/local/bin/api',
      'usr/local/bin/worker',
    ]);
    expect(new Set(found.map((each: any) => each.partialFingerprints.trustedImages)).size).toBe(2);
  });

  test('a link is one of https, or none', () => {
    const rules = (url: string) =>
      (
        toSarif(
          [{ type: 'vulnerability', fingerprint: '0', id: 'CVE-1', severity: 'LOW', title: 'x', url }],
          { version: '1' },
        ) as any
      ).runs[0].tool.driver.rules;
    expect(rules('javascript:alert(1)')[0]).not.toHaveProperty('helpUri');
    expect(rules('https://avd.aquasec.com/nvd/cve-1')[0]).toHaveProperty('helpUri');
  });
});

import { SEVERITIES, type Severity } from '../../../../src/core/scanning/finding';
import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport, REPORTS } from '../../support/reports';

const of = (severities: readonly string[], onlyFixed: boolean) => ({ severities, onlyFixed });

/** Findings of each severity, with and without a fix. */
function mixed() {
  const raw = rawReport('fixable-critical');
  const [vulnerability] = raw.Results[1].Vulnerabilities;
  raw.Results[1].Vulnerabilities = SEVERITIES.flatMap(Severity => [
    { ...vulnerability, VulnerabilityID: `${Severity}-fixed`, Severity },
    {
      ...vulnerability,
      VulnerabilityID: `${Severity}-unfixed`,
      Severity,
      FixedVersion: undefined,
      Status: 'affected',
    },
    {
      ...vulnerability,
      VulnerabilityID: `${Severity}-empty`,
      Severity,
      FixedVersion: '',
      Status: 'affected',
    },
  ]);
  return ruleInput('fixable-critical', { report: parsed(raw) });
}

function refused(severities: readonly Severity[], onlyFixed: boolean): (string | undefined)[] {
  const outcome = check('vulnerabilities', mixed(), of(severities, onlyFixed));
  return 'issues' in outcome ? outcome.issues.map(({ id }) => id) : [];
}

describe('vulnerabilities', () => {
  test.each([
    ['clean', of(SEVERITIES, false)],
    ['fixable-critical', of(['HIGH', 'LOW', 'UNKNOWN'], false)],
    ['unfixed-only', of(SEVERITIES, true)],
  ])('passes %s by %j', (name, parameters) => {
    expect(issues(check('vulnerabilities', ruleInput(name), parameters))).toEqual([]);
  });

  test.each([
    ['fixable-critical', of(['CRITICAL'], true), 1],
    ['log4shell', of(['CRITICAL'], true), 1],
    ['fixable-critical', of(['CRITICAL', 'MEDIUM'], true), 2],
    ['unfixed-only', of(['CRITICAL'], false), 1],
    ['unfixed-only', of(['UNKNOWN'], false), 1],
  ])('fails %s by %j: %d', (name, parameters, count) => {
    expect(issues(check('vulnerabilities', ruleInput(name), parameters))).toHaveLength(count);
  });

  test.each(SEVERITIES)('each severity counts for itself alone: %s', severity => {
    expect(refused([severity], true)).toEqual([`${severity}-fixed`]);
    expect(refused([severity], false)).toEqual([
      `${severity}-fixed`,
      `${severity}-unfixed`,
      `${severity}-empty`,
    ]);
  });

  test('says what it is, where, and what to do', () => {
    const outcome = check('vulnerabilities', ruleInput('fixable-critical'), of(['CRITICAL'], true));
    expect(outcome).toEqual({
      issues: [
        {
          fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
          id: 'CVE-2021-44906',
          severity: 'CRITICAL',
          package: 'minimist',
          installedVersion: '0.0.8',
          fixedVersion: '0.2.4, 1.2.6',
          message:
            'CRITICAL CVE-2021-44906 in minimist 0.0.8 (app/node_modules/minimist/package.json): minimist: prototype pollution in setKey',
          remedy: 'upgrade minimist to 0.2.4, 1.2.6',
        },
      ],
    });
  });
});

describe('the file of a package', () => {
  const messages = (name: string, report = parsed(rawReport(name))) =>
    issues(check('vulnerabilities', ruleInput(name, { report }), of(SEVERITIES, false)));

  test('tells the same vulnerability in two Go binaries apart', () => {
    const ofGo = messages('languages').filter(message => message.includes(' in stdlib '));
    expect(ofGo.map(message => message.replace(/: .*/, ''))).toEqual([
      'CRITICAL CVE-2024-24790 in stdlib v1.22.3 (usr/local/bin/api)',
      'CRITICAL CVE-2024-24790 in stdlib v1.22.3 (usr/local/bin/worker)',
    ]);
  });

  test.each(REPORTS)('no two findings of %s have the same text', name => {
    const texts = messages(name);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('is left out for a package of the operating system, which has none', () => {
    expect(messages('unfixed-only')).toContain(
      'UNKNOWN TEMP-0841856-B18BAF in bash 5.2.37-2: bash: privileges can be raised to a user other than root',
    );
  });

  test('is cut at its beginning if it is long, and cannot forge a line', () => {
    const raw = rawReport('fixable-critical');
    raw.Results[1].Vulnerabilities[0].PkgPath = `a\nb/${'c/'.repeat(100)}minimist/\u202epackage.json`;
    const [message] = messages('fixable-critical', parsed(raw));
    expect(message).toMatch(/ 0\.0\.8 \(…[c/]+\/minimist\/package\.json\): /);
    expect(message!.length).toBeLessThan(180);
  });
});

/** One CRITICAL with a fix, with these scores, as Trivy writes them. */
function scored(CVSS: object | undefined) {
  const raw = rawReport('fixable-critical');
  raw.Results[1].Vulnerabilities = [{ ...raw.Results[1].Vulnerabilities[0], CVSS }];
  return ruleInput('fixable-critical', { report: parsed(raw) });
}
const NVD = {
  V2Vector: 'AV:N/AC:M/Au:N/C:N/I:P/A:N',
  V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N',
  V2Score: 4.3,
  V3Score: 6.1,
};

describe('a CVSS score', () => {
  const at = (scoreAtLeast: number, input = scored({ nvd: NVD })) =>
    issues(check('vulnerabilities', input, { ...of(['CRITICAL'], true), scoreAtLeast }));

  test.each<[string, object | undefined, number]>([
    ['lower', { nvd: NVD }, 6.2],
    ['lower by each source', { nvd: NVD, redhat: { V3Score: 5.6 } }, 7],
    ['lower by each version', { ghsa: { V3Score: 6.1, V40Score: 6.9 } }, 7],
  ])('passes what is %s', (_, cvss, scoreAtLeast) => {
    expect(at(scoreAtLeast, scored(cvss))).toEqual([]);
  });

  test.each<[string, object | undefined, number]>([
    ['as high', { nvd: NVD }, 6.1],
    ['higher by one source', { nvd: NVD, redhat: { V3Score: 9.8 } }, 7],
    ['higher by CVSS 4', { ghsa: { V3Score: 6.1, V40Score: 7 } }, 7],
    ['without a score', undefined, 10],
    ['without a source', {}, 10],
    ['with a score of CVSS 2 only', { nvd: { V2Score: 1 } }, 10],
  ])('fails what is %s', (_, cvss, scoreAtLeast) => {
    expect(at(scoreAtLeast, scored(cvss))).toHaveLength(1);
  });

  test('is told, with what is allowed', () => {
    expect(at(5)).toEqual([
      'CRITICAL CVE-2021-44906 in minimist 0.0.8 (app/node_modules/minimist/package.json, CVSS 6.1; allowed: below 5): minimist: prototype pollution in setKey',
    ]);
    expect(at(5, scored(undefined))).toEqual([
      expect.stringContaining('/package.json, without a CVSS score; allowed: below 5)'),
    ]);
  });

  test('is indeterminate by a report that was stored without scores', () => {
    const { Reduction: _reduction, ...report } = parsed(rawReport('fixable-critical'));
    const input = ruleInput('fixable-critical', { report });
    expect(check('vulnerabilities', input, { ...of(['CRITICAL'], true), scoreAtLeast: 7 })).toEqual({
      failure: { cause: 'REPORT_OUTDATED', detail: expect.stringContaining('kept no scores') },
    });
    expect(issues(check('vulnerabilities', input, of(['CRITICAL'], true)))).toHaveLength(1);
  });
});

test('a grace period is given for the severities that have one', () => {
  const outcome = check('vulnerabilities', mixed(), {
    ...of(['CRITICAL', 'HIGH'], true),
    graceDays: { CRITICAL: 7 },
  });
  expect('issues' in outcome && outcome.issues.map(({ id, graceDays }) => [id, graceDays])).toEqual([
    ['CRITICAL-fixed', 7],
    ['HIGH-fixed', undefined],
  ]);
});

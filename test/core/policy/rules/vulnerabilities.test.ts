import { SEVERITIES, type Severity } from '../../../../src/core/scanning/severity';
import { check, complaints } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

const of = (severities: readonly string[], onlyFixed: boolean) => ({ severities, onlyFixed });

/** Findings of each severity, with and without a fix. */
function mixed() {
  const raw = rawReport('fixable-critical');
  const [vulnerability] = raw.Results[1].Vulnerabilities;
  raw.Results[1].Vulnerabilities = SEVERITIES.flatMap(Severity => [
    { ...vulnerability, VulnerabilityID: `${Severity}-fixed`, Severity },
    { ...vulnerability, VulnerabilityID: `${Severity}-unfixed`, Severity, FixedVersion: undefined },
    { ...vulnerability, VulnerabilityID: `${Severity}-empty`, Severity, FixedVersion: '' },
  ]);
  return ruleInput('fixable-critical', { report: parsed(raw) });
}

function refused(severities: readonly Severity[], onlyFixed: boolean): (string | undefined)[] {
  const outcome = check('vulnerabilities', mixed(), of(severities, onlyFixed));
  return 'complaints' in outcome ? outcome.complaints.map(({ id }) => id) : [];
}

describe('vulnerabilities', () => {
  test.each([
    ['clean', of(SEVERITIES, false)],
    ['fixable-critical', of(['HIGH', 'LOW', 'UNKNOWN'], false)],
    ['unfixed-only', of(SEVERITIES, true)],
  ])('passes %s by %j', (name, parameters) => {
    expect(complaints(check('vulnerabilities', ruleInput(name), parameters))).toEqual([]);
  });

  test.each([
    ['fixable-critical', of(['CRITICAL'], true), 1],
    ['log4shell', of(['CRITICAL'], true), 1],
    ['fixable-critical', of(['CRITICAL', 'MEDIUM'], true), 2],
    ['unfixed-only', of(['CRITICAL'], false), 1],
    ['unfixed-only', of(['UNKNOWN'], false), 1],
  ])('fails %s by %j: %d', (name, parameters, count) => {
    expect(complaints(check('vulnerabilities', ruleInput(name), parameters))).toHaveLength(count);
  });

  test.each(SEVERITIES)('each severity counts for itself alone: %s', severity => {
    expect(refused([severity], true)).toEqual([`${severity}-fixed`]);
    expect(refused([severity], false)).toEqual([`${severity}-fixed`, `${severity}-unfixed`, `${severity}-empty`]);
  });

  test('says what it is, where, and what to do', () => {
    const outcome = check('vulnerabilities', ruleInput('fixable-critical'), of(['CRITICAL'], true));
    expect(outcome).toEqual({
      complaints: [{
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
        id: 'CVE-2021-44906',
        severity: 'CRITICAL',
        package: 'minimist',
        installedVersion: '0.0.8',
        fixedVersion: '0.2.4, 1.2.6',
        message: 'CRITICAL CVE-2021-44906 in minimist 0.0.8: minimist: prototype pollution in setKey',
        remedy: 'upgrade minimist to 0.2.4, 1.2.6',
      }],
    });
  });
});

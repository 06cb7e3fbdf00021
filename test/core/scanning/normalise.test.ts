import * as fc from 'fast-check';
import { ofOriginal } from '../../../src/core/scanning/normal-form';
import { normalise } from '../../../src/core/scanning/normalise';
import { SECRET_VARIABLE } from '../../../src/core/scanning/secret-variable';
import { HOSTILE } from '../support/hostile';
import { form, parsed, rawReport, report, REPORTS } from '../support/reports';

/** The report of fixable-critical with other vulnerabilities in it. */
function findings(...vulnerabilities: object[]) {
  const raw = rawReport('fixable-critical');
  const [first] = raw.Results[1].Vulnerabilities;
  raw.Results[1].Vulnerabilities = vulnerabilities.map(each => ({ ...first, ...each }));
  return normalise(parsed(raw));
}

const SHOWN = ['Target', 'Title', 'Resolution', 'PrimaryURL', 'ID', 'RuleID'];

/** The same document with another text for all that is shown of secrets and checks. */
function withTexts(value: any, text: string): any {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(each => withTexts(each, text));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      typeof each === 'string' && SHOWN.includes(key) ? text : withTexts(each, text),
    ]),
  );
}

describe('findings of a report', () => {
  test.each(REPORTS)('%s: each once, and as many as Trivy lists', name => {
    const listed = (rawReport(name).Results ?? []).flatMap((result: any) => [
      ...(result.Vulnerabilities ?? []),
      ...(result.Secrets ?? []),
      ...(result.Misconfigurations ?? []).filter(({ Status }: any) => Status === 'FAIL'),
    ]);
    // variables are none of Trivy's
    const all = normalise(report(name)).filter(({ id }) => id !== SECRET_VARIABLE);
    expect(all).toHaveLength(listed.length);
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(listed.length);
  });

  test('name a variable with a secret once, say how to give it otherwise, and never its value', () => {
    const [password, key, ...others] = normalise(report('canaries')).filter(
      ({ id }) => id === SECRET_VARIABLE,
    );
    expect(others).toEqual([]);
    expect(password).toMatchObject({
      type: 'secret',
      path: 'ENV DATABASE_PASSWORD',
      title: 'variable with a password',
      remedy: expect.stringMatching(/revoke it.*Secrets Manager/),
    });
    expect(key).toMatchObject({ path: 'ENV SESSION_KEY', title: 'variable with a value that looks random' });
    expect(JSON.stringify(report('canaries'))).not.toMatch(/canary-|ghp_/);
  });

  test("have a fingerprint of our own: the same whatever the image was called (Trivy's differs)", () => {
    const raw = rawReport('fixable-critical');
    const other = JSON.parse(
      JSON.stringify(raw)
        .replaceAll('team/fixable-critical', 'other/name')
        .replaceAll(/"Fingerprint":"[^"]*"/g, '"Fingerprint":"sha256:0"'),
    );
    expect(normalise(parsed(other))).toEqual(normalise(parsed(raw)));
  });

  test('are not more because Trivy lists a target twice', () => {
    const raw = rawReport('fixable-critical');
    raw.Results.push(raw.Results[1]);
    expect(normalise(parsed(raw))).toEqual(normalise(parsed(rawReport('fixable-critical'))));
  });

  test('of two packages are two', () => {
    expect(findings({ PkgPath: 'a' }, { PkgPath: 'b' })).toHaveLength(2);
    expect(findings({ PkgIdentifier: {}, PkgName: 'a' }, { PkgIdentifier: {}, PkgName: 'b' })).toHaveLength(
      2,
    );
  });

  test('Trivy, PkgTargets: name the file of their package, whatever the language', () => {
    const vulnerabilities = normalise(report('languages')).filter(({ type }) => type === 'vulnerability');
    expect(vulnerabilities.map(({ package: name, path }) => `${name} ${path}`)).toEqual([
      'org.apache.logging.log4j:log4j-core app/lib/log4j-core-2.14.1.jar',
      'org.apache.logging.log4j:log4j-core srv/lib/log4j-core-2.14.1.jar',
      'minimist app/node_modules/minimist/package.json',
      'minimist srv/node_modules/minimist/package.json',
      'minimist app/node_modules/minimist/package.json',
      'minimist srv/node_modules/minimist/package.json',
      'Jinja2 opt/venv/lib/python3.13/site-packages/Jinja2-3.1.2.dist-info/METADATA',
      'Jinja2 usr/lib/python3/dist-packages/Jinja2-3.1.2.dist-info/METADATA',
      'rack opt/gems/specifications/rack-2.2.2.gemspec',
      'rack var/lib/gems/3.3.0/specifications/rack-2.2.2.gemspec',
      'Newtonsoft.Json app/one/app.deps.json',
      'Newtonsoft.Json app/two/app.deps.json',
      'guzzlehttp/psr7 srv/one/vendor/composer/installed.json',
      'guzzlehttp/psr7 srv/two/vendor/composer/installed.json',
      'stdlib usr/local/bin/api',
      'stdlib usr/local/bin/worker',
    ]);
  });

  test('of the operating system name no file', () => {
    for (const finding of normalise(report('alpine-eol'))) expect(finding.path).toBeUndefined();
  });

  test.each([
    ['Java', 'jar', undefined],
    ['Java', 'gobinary', 'Java'],
    ['form/image', 'gobinary', 'form/image'],
    ['opt/lib/x.jar', 'jar', 'opt/lib/x.jar'],
  ])('of the result %s of type %s without a file of their own have the file %s', (Target, Type, path) => {
    const raw = rawReport('languages');
    const result = raw.Results.find((each: any) => each.Target === 'usr/local/bin/api');
    Object.assign(result, { Target, Type });
    raw.Results = [result];
    const { image, config } = form('languages');
    const original = ofOriginal(parsed(raw), form('languages'), {
      reference: 'r',
      digest: image,
      configDigest: config,
    });
    expect(original.ok && normalise(original.value).map(finding => finding.path)).toEqual([path]);
  });

  test('that differ only in where one part ends are two', () => {
    expect(
      findings(
        { PkgIdentifier: { PURL: 'a' }, PkgPath: 'b\u0000c' },
        { PkgIdentifier: { PURL: 'a\u0000b' }, PkgPath: 'c' },
      ),
    ).toHaveLength(2);
  });

  test.each([
    [{ Severity: 'LOW' }, { Severity: 'CRITICAL' }],
    [{ Severity: 'UNKNOWN' }, { Severity: 'CRITICAL' }],
    [
      { Severity: 'CRITICAL', FixedVersion: '', Status: 'affected' },
      { Severity: 'LOW', FixedVersion: '2.0.0' },
    ],
  ])('that Trivy lists twice, as %j and as %j, count as the worse', (one, other) => {
    const worst = { severity: 'CRITICAL', fixedVersion: 'FixedVersion' in other ? '2.0.0' : '0.2.4, 1.2.6' };
    expect(findings(one, other)).toEqual([expect.objectContaining(worst)]);
    expect(findings(other, one)).toEqual([expect.objectContaining(worst)]);
  });

  test.each([
    [undefined, undefined],
    [{}, undefined],
    [{ nvd: { V2Score: 9 } }, undefined],
    [{ nvd: { V3Score: 5 }, ghsa: { V3Score: 7.5 }, redhat: {} }, 7.5],
    [{ nvd: { V3Score: 5 }, ghsa: { V40Score: 9.3, V3Score: 1 } }, 9.3],
  ])('have the highest score of any source: %j', (CVSS, score) => {
    expect(findings({ CVSS })[0]!.score).toBe(score);
  });

  test.each([
    [5, 9, 9],
    [5, undefined, undefined],
  ])('that Trivy lists twice, with the scores %s and %s, count as the worse: %s', (a, b, score) => {
    const CVSS = (V3Score: number | undefined) => (V3Score === undefined ? undefined : { nvd: { V3Score } });
    expect(findings({ CVSS: CVSS(a) }, { CVSS: CVSS(b) })[0]!.score).toBe(score);
    expect(findings({ CVSS: CVSS(b) }, { CVSS: CVSS(a) })[0]!.score).toBe(score);
  });

  test('an empty fix is no fix', () => {
    expect(findings({ FixedVersion: '', Status: 'affected' })[0]!.fixedVersion).toBeUndefined();
  });

  test('checks that passed are none', () => {
    const raw = rawReport('root');
    raw.Results[1].Misconfigurations[0].Status = 'PASS';
    raw.Results[1].MisconfSummary.Failures = 0;
    expect(normalise(parsed(raw))).toEqual([]);
  });

  test.each(HOSTILE)("show a stranger's text as one line: %j", hostile => {
    const names = {
      PkgName: hostile,
      PkgPath: hostile,
      Title: hostile,
      FixedVersion: hostile,
      InstalledVersion: hostile,
    };
    const all = [...normalise(parsed(withTexts(rawReport('canaries'), hostile))), ...findings(names)];
    for (const text of all.flatMap(finding => Object.values(finding).map(String))) {
      expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{0,500}$/u);
    }
  });

  test('are of the license type too', () => {
    const raw = rawReport('clean');
    raw.Results.push({
      Target: 'x',
      Class: 'license',
      Licenses: [
        { Severity: 'HIGH', Name: 'GPL', PkgName: 'a' },
        { Severity: 'HIGH', Name: 'GPL', PkgName: 'b' },
      ],
    });
    expect(normalise(parsed(raw)).map(({ type, id, package: name }) => [type, id, name])).toEqual([
      ['license', 'GPL', 'a'],
      ['license', 'GPL', 'b'],
    ]);
  });

  test('come in the same number whatever the order of the results', () => {
    const raw = rawReport('secret-deleted-later');
    const fingerprints = (document: object) =>
      new Set(normalise(parsed(document)).map(({ fingerprint }) => fingerprint));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(raw.Results as object[], { minLength: raw.Results.length }),
        results => {
          expect(fingerprints({ ...raw, Results: results })).toEqual(fingerprints(raw));
        },
      ),
      { numRuns: 20 },
    );
  });
});

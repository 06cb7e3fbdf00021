import { accounting } from '../../support/accounted';
import { check } from '../../support/check';
import { NOW, ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

const PASSES = { issues: [] };
const failure = (detail: RegExp) => ({
  failure: { cause: 'NOT_COVERED', detail: expect.stringMatching(detail) },
});

/** A report without its operating system. */
function onlyLanguages(change: (results: any[]) => any[] = results => results) {
  const raw = rawReport('fixable-critical');
  delete raw.Metadata.OS;
  return parsed({ ...raw, Results: change(raw.Results.filter((result: any) => result.Class !== 'os-pkgs')) });
}

describe('rule 5.1, hermetic scan: coverage: "no findings" means something', () => {
  test.each(['clean', 'fixable-critical', 'alpine-eol', 'root-without-history'])('passes %s', name => {
    expect(check('coverage', ruleInput(name))).toEqual(PASSES);
  });

  test('passes an image without an operating system, but with packages of a language', () => {
    expect(check('coverage', ruleInput('clean', { report: onlyLanguages() }))).toEqual(PASSES);
  });

  test.each([
    ['unknown-os-release', /covers alpine 3\.24\.0/],
    ['no-packages', /debian 13\.1 but none of its packages/],
    ['scratch', /neither an operating system nor a package/],
  ])('is indeterminate of %s', (name, detail) => {
    expect(check('coverage', ruleInput(name))).toEqual(failure(detail));
  });

  test('is indeterminate where neither a system nor a package was found', () => {
    const report = onlyLanguages(results => results.filter(({ Class }) => Class === 'config'));
    expect(check('coverage', ruleInput('clean', { report }))).toEqual(failure(/nor a package/));
  });

  test('is indeterminate of a report without results', () => {
    const { Results: _results, ...rest } = rawReport('clean');
    expect(check('coverage', ruleInput('clean', { report: parsed(rest) }))).toEqual(
      failure(/none of its packages/),
    );
  });

  test('packages of a language do not stand for those of the operating system', () => {
    const raw = rawReport('fixable-critical');
    raw.Results = raw.Results.filter((result: any) => result.Class !== 'os-pkgs');
    expect(check('coverage', ruleInput('clean', { report: parsed(raw) }))).toEqual(
      failure(/none of its packages/),
    );
  });

  test.each([
    [
      'supplier-rapidfort',
      'rapidfort',
      /^the file \/usr\/share\/rapidfort\/curated\.json makes Trivy use the advisories of rapidfort.*remove it from the image, or trust that supplier in the policy \(coverage, trustedSuppliers: rapidfort\)$/,
    ],
    [
      'supplier-root-io',
      'root.io',
      /^the package musl 1\.1\.24-r10071 makes Trivy use the advisories of root\.io/,
    ],
    ['supplier-seal', 'seal', /^the package apk-tools 2\.10\.4-r3 makes Trivy use the advisories of seal/],
    [
      'supplier-seal-npm',
      'seal',
      /^the package @seal-security\/minimist 0\.0\.8 makes Trivy use the advisories of seal/,
    ],
  ])('is indeterminate of %s, unless the policy trusts %s', (name, supplier, detail) => {
    const input = ruleInput(`attacks/${name}`);
    expect(check('coverage', input)).toEqual(failure(detail));
    expect(check('coverage', input, { trustedSuppliers: [supplier] })).toEqual(PASSES);
    expect(
      check('coverage', input, {
        trustedSuppliers: ['rapidfort', 'root.io', 'seal'].filter(each => each !== supplier),
      }),
    ).toEqual(failure(detail));
  });

  test('is indeterminate where a supplier is named that nobody can trust', () => {
    const raw = rawReport('clean');
    raw.Metadata.OS.Supplier = 'acme\n';
    expect(
      check('coverage', ruleInput('clean', { report: parsed(raw) }), { trustedSuppliers: ['seal'] }),
    ).toEqual(
      failure(
        /^a file of the supplier acme makes Trivy use the advisories of another supplier, .*; remove it from the image$/,
      ),
    );
  });

  test.each([
    [
      'debian-as-wolfi',
      /^the image says that it is wolfi 20230201, whose packages are in apk's database, but base-files is in that of dpkg; let etc\/os-release name/,
    ],
    [
      'debian-by-sbom',
      /^only an SBOM in the image names the packages of debian 13\.1, .*; keep the database of dpkg/,
    ],
    ['alpine-of-another-release', /covers alpine 3\.22\.1, or whether Trivy asked it about that release$/],
    ['eol-list-names', /covers alpine 3\.24\.0/],
  ])('is indeterminate of %s', (name, detail) => {
    expect(check('coverage', ruleInput(`attacks/${name}`))).toEqual(failure(detail));
  });

  test('packages in an SBOM do not matter beside those of the package manager', () => {
    const raw = rawReport('clean');
    raw.Results.find((result: any) => result.Class === 'os-pkgs').Packages.push({
      Name: 'more',
      Version: '1',
      AnalyzedBy: 'sbom',
    });
    expect(check('coverage', ruleInput('clean', { report: parsed(raw) }))).toEqual(PASSES);
  });

  test.each([['rpm'], [undefined], ['dpkg\u0000']])(
    'is indeterminate where one package of Debian was found by %s',
    analyser => {
      const raw = rawReport('clean');
      raw.Results.find((result: any) => result.Class === 'os-pkgs').Packages[3].AnalyzedBy = analyser;
      expect(check('coverage', ruleInput('clean', { report: parsed(raw) }))).toEqual(
        failure(/debian 13\.1, whose packages are in dpkg's database, but netbase is in that of/),
      );
    },
  );

  test('is indeterminate about packages of an operating system without a release', () => {
    const raw = rawReport('clean');
    raw.Metadata.OS.Family = 'none';
    expect(check('coverage', ruleInput('clean', { report: parsed(raw) }))).toEqual(
      failure(/no file that says which one it is/),
    );
  });

  test.each(['newlinux', 'constructor'])(
    'is indeterminate about an operating system that is not known: %s',
    family => {
      const raw = rawReport('clean');
      raw.Metadata.OS.Family = family;
      expect(check('coverage', ruleInput('clean', { report: parsed(raw) }))).toEqual(
        failure(/^the package manager of/),
      );
    },
  );

  test('a report that an earlier version stored says nothing of the analysers, so the image is scanned again', () => {
    const stored = { ...parsed(rawReport('clean')), Reduction: 2 };
    expect(check('coverage', ruleInput('clean', { report: stored }))).toMatchObject({
      failure: { cause: 'REPORT_OUTDATED' },
    });
    expect(check('coverage', ruleInput('clean', { report: { ...onlyLanguages(), Reduction: 2 } }))).toEqual(
      PASSES,
    );
  });

  test("the name of the operating system is a stranger's text", () => {
    const raw = rawReport('no-packages');
    raw.Metadata.OS.Name = '13\u001b[31m\n\u202e';
    expect(check('coverage', ruleInput('no-packages', { report: parsed(raw) }))).toEqual(
      failure(/^[^\p{Cc}\p{Cf}]+$/u),
    );
  });
});

const JAR = { path: 'opt/acme/lib/core.jar', kind: 'jar', detail: 'org:core 1 is not in the report' };
const MORE = { path: 'srv/package.json', kind: 'node-pkg', detail: 'its JSON ends early' };
const PHAR = { path: 'usr/bin/composer.phar', kind: 'phar', detail: 'Trivy reads no phar' };
const REASON = 'checked by the vendor with every release';
const accepts = (path: string, expires = '2027-01-31') => ({ path, reason: REASON, expires });

describe('rule 5.9, what was scanned is what runs: coverage: every file that declares packages is accounted for', () => {
  const judged = (gaps: Parameters<typeof accounting>[0], parameters: object = {}) =>
    check(
      'coverage',
      ruleInput('clean', { coverage: { unknownRelease: false, accounting: accounting(gaps) } }),
      parameters,
    );
  const warning = (message: RegExp) => ({
    issues: [],
    warnings: [
      {
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(
          /^find out by other means .*accept its path in the policy \(coverage, accepted\)$/,
        ),
      },
    ],
  });

  test.each([
    [
      { notCovered: [JAR] },
      /^the report of Trivy does not cover opt\/acme\/lib\/core\.jar \(jar\), which declares packages: org:core 1 is not in the report; remove it from the image, or have its package manager write it again, or accept its path in the policy \(coverage, accepted\)$/,
    ],
    [{ notCovered: [JAR, MORE] }, /core\.jar \(jar\) and 1 more, which declare packages/],
    [{ notCovered: [JAR], unread: [PHAR] }, /core\.jar/],
  ])('is indeterminate where %j', (gaps, detail) => {
    expect(judged(gaps)).toEqual(failure(detail));
    expect(judged(gaps, { unreadKinds: 'indeterminate' })).toEqual(failure(detail));
  });

  test('a kind that Trivy never reads is a warning, or indeterminate where the policy says so', () => {
    const message =
      /^Trivy never reads usr\/bin\/composer\.phar \(phar\), which declares packages: Trivy reads no phar/;
    expect(judged({ unread: [PHAR] })).toEqual(warning(message));
    expect(judged({ unread: [PHAR] }, { unreadKinds: 'warn' })).toEqual(warning(message));
    expect(judged({ unread: [PHAR] }, { unreadKinds: 'indeterminate' })).toEqual(failure(message));
  });

  test.each<[string, object[], ReturnType<typeof judged> | object]>([
    ['its path', [accepts(JAR.path), accepts(PHAR.path)], { issues: [], until: '2027-01-31T23:59:59.999Z' }],
    [
      'a pattern',
      [accepts('opt/**'), accepts('**/*.phar', '2026-12-01'), accepts('usr/bin/*')],
      { issues: [], until: '2026-12-01T23:59:59.999Z' },
    ],
    [
      'today is its last day',
      [accepts(JAR.path, '2026-11-25'), accepts(PHAR.path)],
      { issues: [], until: '2026-11-25T23:59:59.999Z' },
    ],
    ['one of two', [accepts(JAR.path)], { ...warning(/composer\.phar/), until: '2027-01-31T23:59:59.999Z' }],
    ['the other one', [accepts(PHAR.path)], failure(/core\.jar/)],
    ['another path', [accepts('opt/acme/core.jar'), accepts('opt/*/core.jar')], failure(/core\.jar/)],
    [
      'yesterday was its last day',
      [accepts(JAR.path, '2026-11-24')],
      failure(/it was accepted until 2026-11-24; remove it/),
    ],
    [
      'it was prolonged',
      [accepts(JAR.path, '2026-11-24'), accepts(JAR.path), accepts(PHAR.path)],
      { issues: [], until: '2027-01-31T23:59:59.999Z' },
    ],
  ])('accepted by path: %s', (_, accepted, outcome) => {
    expect(NOW.toISOString().slice(0, 10)).toBe('2026-11-25');
    expect(judged({ notCovered: [JAR], unread: [PHAR] }, { accepted })).toEqual(outcome);
  });

  test('what is counted and too much to be listed cannot be accepted', () => {
    const of = { ...accounting({ notCovered: [JAR] }), notCoveredCount: 7 };
    const input = ruleInput('clean', { coverage: { unknownRelease: false, accounting: of } });
    expect(check('coverage', input, { accepted: [accepts('opt/**')] })).toEqual(
      failure(
        /^the report of Trivy does not cover 6 files that declare packages, and are too many to be listed;/,
      ),
    );
    expect(check('coverage', input)).toEqual(failure(/core\.jar \(jar\) and 6 more/));
  });

  test('is indeterminate where Trivy has advisories for a package and cannot compare its version', () => {
    const of = { unknownRelease: false, uncomparedVersion: '2004b-x', accounting: accounting() };
    expect(check('coverage', ruleInput('clean', { coverage: of }))).toEqual(failure(/"2004b-x"/));
  });

  test('a scan that an earlier version stored knows of no files, so the image is scanned again', () => {
    expect(check('coverage', ruleInput('clean', { coverage: { unknownRelease: false } }))).toMatchObject({
      failure: { cause: 'REPORT_OUTDATED' },
    });
  });
});

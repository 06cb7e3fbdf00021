import { check } from '../../support/check';
import { ruleInput } from '../../support/made';
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

  test.each(['none', 'newlinux', 'constructor'])(
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

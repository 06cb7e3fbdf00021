import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport } from '../../support/reports';

function denied(packages: readonly string[], purl?: string) {
  const raw = rawReport('fixable-critical');
  if (purl !== undefined) raw.Results[1].Packages[0].Identifier.PURL = purl;
  return issues(
    check('denied-packages', ruleInput('fixable-critical', { report: parsed(raw) }), { packages }),
  );
}

describe('denied-packages', () => {
  test.each([
    'pkg:npm/minimist@1.*',
    'pkg:npm/mini',
    'pkg:npm/minimis?',
    'pkg:npm/*-wasm',
    'pkg:deb/ubuntu/*',
    'pkg:deb/debian/base-files@13',
    'pkg:npm/imist',
    'pkg:deb/*',
    'pkg:deb/debian/base-files?arch=arm64',
  ])('passes what is not there: %s', pattern => {
    expect(denied([pattern])).toEqual([]);
  });

  test.each([
    'pkg:npm/minimist',
    'pkg:npm/minimist@0.0.8',
    'pkg:npm/minimist@0.*',
    'PKG:NPM/MiniMist'.replace('PKG', 'pkg'),
    'pkg:npm/*',
    'pkg:deb/debian/base-files',
    'pkg:deb/debian/base-files@13.8+deb13u1',
    'pkg:deb/debian/base-files@13.8%2Bdeb13u1',
    'pkg:deb/*/base-files@*?arch=amd64&distro=debian-13.1',
    'pkg:deb/debian/base-files?arch=amd64',
    'pkg:deb/**',
    'pkg:**files',
  ])('fails %s', pattern => {
    expect(denied([pattern]).length).toBeGreaterThan(0);
  });

  test.each([
    ['pkg:npm/@angular/core', 'pkg:npm/%40angular/core@1.0.0'],
    ['pkg:npm/%40angular/*', 'pkg:npm/%40angular/core@1.0.0'],
    ['pkg:npm/%40angular/core', 'pkg:npm/%40angular/core'],
    ['pkg:npm/a#sub/path', 'pkg:npm/a@1.0.0#sub/path'],
    ['pkg:golang/example.com/a%2Fb', 'pkg:golang/example.com/a%2fb@v1'],
    ['pkg:npm/**', 'pkg:npm/%40angular/core@1.0.0'],
    ['pkg:npm/a', 'pkg:npm/a@1%402'],
    ['pkg:npm/a%zz*', 'pkg:npm/a%zz%ff@1'],
    ['pkg:pypi/typing_extensions', 'pkg:pypi/typing-extensions@4.15.0'],
    ['pkg:pypi/typing_extensions@4.*', 'pkg:pypi/typing-extensions@4.15.0'],
    ['pkg:pypi/Zope.Interface', 'pkg:pypi/zope-interface@5.0'],
    ['pkg:*/typing_extensions', 'pkg:pypi/typing-extensions@4.15.0'],
    ['pkg:**typing_extensions', 'pkg:pypi/typing-extensions@4.15.0'],
    ['pkg:**/Django_*', 'pkg:pypi/django-rest@1'],
    ['pkg:nuget/newtonsoft.json', 'pkg:nuget/Newtonsoft.Json@13.0.1'],
    ['pkg:golang/github.com/BurntSushi/toml', 'pkg:golang/github.com/burntsushi/toml@v1.0.0'],
    ['pkg:cran/a3', 'pkg:cran/A3@1.0.0'],
    ['pkg:npm/a?vcs_url=git://h/*', 'pkg:npm/a@1?vcs_url=git:%2F%2Fh%2Fr.git'],
  ])('%s is %s, however it is written', (pattern, purl) => {
    expect(denied([pattern], purl)).toHaveLength(1);
  });

  test('purl-spec: npm tells _ from -, so neither denies the other', () => {
    expect(denied(['pkg:npm/a_b'], 'pkg:npm/a-b@1')).toEqual([]);
    expect(denied(['pkg:*/a_b'], 'pkg:npm/a-b@1')).toEqual([]);
  });

  test.each([
    ['10 MB of what the pattern looks for', `pkg:npm/${'minimis'.repeat(1_500_000)}`, 0],
    ['10 MB, and then what is denied', `pkg:npm/${'minimis'.repeat(1_500_000)}t`, 1],
    ['10 MB of folders', `pkg:npm/${'minimist/'.repeat(1_000_000)}x`, 0],
  ])('a URL of %s takes 100 patterns no time (rule 5.6, limits)', (_, purl, count) => {
    const packages = Array.from({ length: 100 }, (_each, at) =>
      at === 99 ? 'pkg:npm/*minimist' : `pkg:npm/*mini*mis*m${at}`,
    );
    expect(denied(packages, purl)).toHaveLength(count);
  });

  test('a package without a URL gets one of its type, name and version', () => {
    const raw = rawReport('fixable-critical');
    delete raw.Results[1].Packages[0].Identifier;
    const input = ruleInput('fixable-critical', { report: parsed(raw) });
    expect(
      issues(check('denied-packages', input, { packages: ['pkg:node-pkg/minimist@0.0.8'] })),
    ).toHaveLength(1);
  });

  test('in two Go binaries a package is denied twice', () => {
    expect(
      issues(check('denied-packages', ruleInput('languages'), { packages: ['pkg:golang/stdlib'] })),
    ).toHaveLength(2);
  });

  test('says which package, and what is denied', () => {
    expect(
      check('denied-packages', ruleInput('fixable-critical'), {
        packages: ['pkg:npm/left-pad', 'pkg:npm/minimist'],
      }),
    ).toEqual({
      issues: [
        {
          fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
          id: 'pkg:npm/minimist@0.0.8',
          package: 'minimist',
          installedVersion: '0.0.8',
          message: 'pkg:npm/minimist@0.0.8 is in the image; denied: pkg:npm/minimist',
          remedy: 'take minimist out of the image, or replace it',
        },
      ],
    });
  });
});

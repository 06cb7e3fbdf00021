import * as fc from 'fast-check';
import { compilePurl, packageUrl } from '../../../src/core/text/purl';
import type { Comparison } from '../../../src/core/text/purl-types';

const matches = (pattern: string, purl: string, comparison: Comparison = 'narrow') =>
  compilePurl(pattern, comparison).matches(packageUrl(purl, comparison));

const BASH = 'pkg:deb/debian/bash@5.2.37-2?arch=amd64&distro=debian-13.1';

test.each([
  [
    'the version of every architecture',
    'pkg:deb/debian/bash@5.2.37-2',
    BASH,
    'pkg:deb/debian/bash@5.2.37-20?arch=amd64',
  ],
  ['every version', 'pkg:deb/debian/bash@*', BASH, 'pkg:deb/debian/bash-completion@5.2.37-2'],
  ['some versions', 'pkg:deb/debian/bash@5.2.*', BASH, 'pkg:deb/debian/bash@5.3.0'],
  ['some packages', 'pkg:deb/debian/lib*@*', 'pkg:deb/debian/libc6@2.41', BASH],
  ['some packages, whatever the version', 'pkg:deb/debian/lib*', 'pkg:deb/debian/libc6@2.41', BASH],
  [
    'one architecture',
    'pkg:deb/debian/bash@*?arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?arch=arm64&distro=debian-13.1',
  ],
  [
    'one distribution',
    'pkg:deb/debian/bash@*?distro=debian-13*',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?arch=amd64&distro=debian-12.1',
  ],
  [
    'both, in any order',
    'pkg:deb/debian/bash@*?distro=debian-13.1&arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?arch=amd64',
  ],
  [
    'a qualifier that must be there',
    'pkg:deb/debian/bash@*?arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2',
  ],
  [
    'another qualifier that ends alike',
    'pkg:deb/debian/bash@*?arch=amd64',
    BASH,
    'pkg:deb/debian/bash@5.2.37-2?xarch=amd64',
  ],
  [
    'what is escaped in one and not in the other',
    'pkg:deb/debian/base-files@13.8+deb13u1',
    'pkg:deb/debian/base-files@13.8%2Bdeb13u1?arch=amd64',
    BASH,
  ],
  ['a scope', 'pkg:npm/%40angular/core@*', 'pkg:npm/%40angular/core@17.0.0', 'pkg:npm/angular/core@17.0.0'],
  [
    'one segment',
    'pkg:golang/golang.org/x/*@*',
    'pkg:golang/golang.org/x/net@0.1.0',
    'pkg:golang/golang.org/x/tools/gopls@0.1.0',
  ],
  [
    'many segments',
    'pkg:golang/golang.org/**',
    'pkg:golang/golang.org/x/tools/gopls@0.1.0',
    'pkg:golang/golang.com/x/net@0.1.0',
  ],
  ['a subpath', 'pkg:golang/a/b@1#cmd', 'pkg:golang/a/b@1#cmd', 'pkg:golang/a/b@1'],
  ['no subpath', 'pkg:golang/a/b@1', 'pkg:golang/a/b@1', 'pkg:golang/a/b@1#cmd'],
])('%s: %s covers %s and not %s', (_, pattern, yes, no) => {
  expect(matches(pattern, yes)).toBe(true);
  expect(matches(pattern, no)).toBe(false);
});

describe('purl-spec: two spellings of one package', () => {
  test.each([
    ['pypi: a dash for an underscore', 'pkg:pypi/typing_extensions@4.0', 'pkg:pypi/typing-extensions@4.0'],
    ['pypi: lower case', 'pkg:PYPI/Django_package@1.11.1.dev1', 'pkg:pypi/django-package@1.11.1.dev1'],
    ['pypi: beside a star', 'pkg:pypi/typing_*@*', 'pkg:pypi/typing-extensions@4.0'],
    ['github: lower case', 'pkg:github/Package-URL/PURL-Spec@V1', 'pkg:github/package-url/purl-spec@V1'],
    ['bitbucket: lower case', 'pkg:bitbucket/birKenfeld/pyGments@1', 'pkg:bitbucket/birkenfeld/pygments@1'],
    [
      'golang: lower case',
      'pkg:golang/github.com/BurntSushi/toml@1',
      'pkg:golang/github.com/burntsushi/toml@1',
    ],
    ['deb: lower case of the vendor', 'pkg:deb/Debian/libssl3@1', 'pkg:deb/debian/libssl3@1'],
    ['rpm: lower case of the vendor', 'pkg:rpm/Fedora/NetworkManager@1', 'pkg:rpm/fedora/NetworkManager@1'],
    ['oci: lower case', 'pkg:oci/Debian@sha256%3AAB', 'pkg:oci/debian@sha256:ab'],
    ['cpan: upper case of the author', 'pkg:cpan/Drolsky/DateTime@1', 'pkg:cpan/DROLSKY/DateTime@1'],
    ['huggingface: lower case of the version', 'pkg:huggingface/a/B@5A', 'pkg:huggingface/a/B@5a'],
    [
      'mlflow: lower case on Databricks',
      'pkg:mlflow/CreditFraud@3?repository_url=https://adb-5.0.azuredatabricks.net/api/2.0/mlflow',
      'pkg:mlflow/creditfraud@3?repository_url=https:%2F%2Fadb-5.0.azuredatabricks.net%2Fapi%2F2.0%2Fmlflow',
    ],
    [
      'a slash in a qualifier',
      'pkg:npm/a@1?vcs_url=git://h/r.git',
      'pkg:npm/a@1?vcs_url=git:%2F%2Fh%2Fr.git',
    ],
    ['keys of qualifiers: lower case', 'pkg:rpm/fedora/curl@7?Arch=i386', 'pkg:rpm/fedora/curl@7?arch=i386'],
    ['a qualifier without a value', 'pkg:npm/a@1?arch=', 'pkg:npm/a@1'],
    ['slashes that mean nothing', 'pkg://npm//a@1#/b//./c/', 'pkg:npm/a@1#b/c'],
    ['an escape that need not be', 'pkg:npm/%61%2Db@1%2E0', 'pkg:npm/a-b@1.0'],
    ['letters beyond ASCII', 'pkg:generic/caf%C3%A9@1', 'pkg:generic/café@1'],
  ])('%s: %s is %s', (_, one, other) => {
    for (const comparison of ['narrow', 'wide'] as const) {
      expect(matches(one, other, comparison)).toBe(true);
      if (!one.includes('*')) expect(matches(other, one, comparison)).toBe(true);
    }
  });

  test.each([
    ['pypi, PEP 503: any run of - _ .', 'pkg:pypi/zope__interface@5', 'pkg:pypi/zope.interface@5'],
    ['pypi: case of the version', 'pkg:pypi/django@1.11.1.DEV1', 'pkg:pypi/django@1.11.1.dev1'],
    ['composer: case', 'pkg:composer/Laravel/Framework@1', 'pkg:composer/laravel/framework@1'],
    ['deb: case of the name', 'pkg:deb/debian/LibSSL3@1', 'pkg:deb/debian/libssl3@1'],
    ['hex: case', 'pkg:hex/Acme/Foo@1', 'pkg:hex/acme/foo@1'],
    ['pub: what is no letter or digit', 'pkg:pub/Flutter-Map@1', 'pkg:pub/flutter_map@1'],
  ])('Trivy tells apart, %s: %s is %s in a denial, and not in a waiver', (_, one, other) => {
    expect([matches(one, other, 'wide'), matches(other, one, 'wide')]).toEqual([true, true]);
    expect([matches(one, other), matches(other, one)]).toEqual([false, false]);
  });

  test.each([
    ['npm: old names have upper case', 'pkg:npm/JSONStream@1', 'pkg:npm/jsonstream@1'],
    ['npm: _ is not -', 'pkg:npm/a_b@1', 'pkg:npm/a-b@1'],
    ['maven: case counts', 'pkg:maven/g/A@1', 'pkg:maven/g/a@1'],
    ['rpm: case counts in the name', 'pkg:rpm/fedora/A@1', 'pkg:rpm/fedora/a@1'],
    ['cran: case counts', 'pkg:cran/A3@1.0.0', 'pkg:cran/a3@1.0.0'],
    [
      'mlflow: case counts on Azure ML',
      'pkg:mlflow/A@3?repository_url=https://westus2.api.azureml.ms/x',
      'pkg:mlflow/a@3?repository_url=https://westus2.api.azureml.ms/x',
    ],
    ['a type that purl-spec does not know', 'pkg:constructor/A@1', 'pkg:constructor/a@1'],
    ['an escaped star is a star', 'pkg:npm/%2A@1', 'pkg:npm/a@1'],
    ['an escaped slash is part of a name', 'pkg:npm/a/b@1', 'pkg:npm/a%2Fb@1'],
    ['an escaped @ is part of a name', 'pkg:npm/a%40b', 'pkg:npm/a@b'],
  ])('%s: %s is not %s', (_, one, other) => {
    expect(matches(one, other)).toBe(false);
    expect(matches(other, one)).toBe(false);
  });

  test('no URL throws, and each is itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), fc.string(), (name, version) => {
        const purl = `pkg:pypi/${name}@${version}`;
        return purl.includes('*') || matches(purl, purl);
      }),
    );
  });
});

test('an escaped slash makes no segment', () => {
  expect(matches('pkg:npm/a/b@1', 'pkg:npm/a%2Fb@1')).toBe(false);
});

test('an invalid escape is read literally', () => {
  expect(matches('pkg:npm/a@1%', 'pkg:npm/a@1%')).toBe(true);
});

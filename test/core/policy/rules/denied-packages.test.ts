import * as fc from 'fast-check';
import { RULES } from '../../../../src/core/policy/rules';
import { compilePurl, packageUrl } from '../../../../src/core/text/purl';
import { check, issues } from '../../support/check';
import { ruleInput } from '../../support/made';
import { parsed, rawReport, report, REPORTS } from '../../support/reports';

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
    ).toEqual([
      'pkg:golang/stdlib@v1.22.3 is in usr/local/bin/api; denied: pkg:golang/stdlib',
      'pkg:golang/stdlib@v1.22.3 is in usr/local/bin/worker; denied: pkg:golang/stdlib',
    ]);
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
          message:
            'pkg:npm/minimist@0.0.8 is in app/node_modules/minimist/package.json; denied: pkg:npm/minimist',
          remedy: 'take minimist out of the image, or replace it',
        },
      ],
    });
  });
});

describe('a denial that can match nothing is a mistake, since it would fail open', () => {
  const mistakes = (...packages: string[]) => RULES.get('denied-packages')!.mistakes({ packages });
  const refused = (pattern: string) => mistakes(pattern)[0]?.message;
  const wanting = (type: string, pattern: string, write: string) =>
    `${JSON.stringify(pattern)} denies nothing, since a package of ${type} has a namespace, allowed: pkg:${type}/<namespace>/<name>; write ${write}`;

  test.each([
    ['pkg:deb/openssl', 'deb', 'pkg:deb/**/openssl for every namespace'],
    ['pkg:DEB/openssl@3.*?arch=amd64#x', 'deb', 'pkg:deb/**/openssl@3.*?arch=amd64#x for every namespace'],
    ['pkg:maven/log4j-core', 'maven', 'pkg:maven/**/log4j-core for every namespace'],
    ['pkg:composer/monolog@2.*', 'composer', 'pkg:composer/**/monolog@2.* for every namespace'],
    ['pkg:rpm/*', 'rpm', 'pkg:rpm/**/* for every namespace'],
    [
      'pkg:maven/org.apache.logging.log4j:log4j-core@2.*',
      'maven',
      'pkg:maven/org.apache.logging.log4j/log4j-core@2.*',
    ],
    ['pkg:composer/monolog%2fmonolog', 'composer', 'pkg:composer/monolog/monolog'],
  ])('%s lacks its namespace', (pattern, type, write) => {
    expect(refused(pattern)).toBe(wanting(type, pattern, write));
  });

  test.each([
    ['pkg:pypi/pallets/flask@3.*', 'pypi', 'pkg:pypi/flask@3.*'],
    ['pkg:gem/*/rack', 'gem', 'pkg:gem/rack'],
    ['pkg:nuget/**/a/b', 'nuget', 'pkg:nuget/b'],
  ])('%s has a namespace, which its type prohibits', (pattern, type, write) => {
    expect(refused(pattern)).toBe(
      `${JSON.stringify(pattern)} denies nothing, since a package of ${type} has no namespace, allowed: pkg:${type}/<name>; write ${write}`,
    );
  });

  test.each(['pkg:npm', 'pkg:deb/', 'pkg:*', 'pkg:npm@1'])('%s names no package', pattern => {
    expect(refused(pattern)).toBe(
      `${JSON.stringify(pattern)} denies nothing, since it names no package, allowed: pkg:<type>/<name>; write out the name, or ** for every package of the type`,
    );
  });

  test.each([
    'pkg:maven/*/log4j-core',
    'pkg:maven/**/log4j-core',
    'pkg:maven/**log4j-core',
    'pkg:deb/**',
    'pkg:pypi/**',
    'pkg:pypi/**/flask',
    'pkg:*/openssl',
    'pkg:**openssl',
    'pkg:**',
    'pkg:node-pkg/minimist',
  ])('%s can match', pattern => {
    expect(mistakes(pattern)).toEqual([]);
  });

  test('each mistake says where', () => {
    expect(mistakes('pkg:deb/a', 'pkg:npm/a', 'pkg:rpm/a').map(({ path }) => path)).toEqual([
      ['packages', 0],
      ['packages', 2],
    ]);
  });

  // https://github.com/package-url/purl-spec/tree/main/types
  const REQUIRED = [
    'pkg:alpm/arch/pacman',
    'pkg:apk/alpine/curl',
    'pkg:bitbucket/birkenfeld/pygments-main',
    'pkg:composer/laravel/laravel',
    'pkg:deb/debian/curl',
    'pkg:git/codeberg.org/forgejo/forgejo',
    'pkg:github/package-url/purl-spec',
    'pkg:huggingface/distilbert/distilbert-base-uncased',
    'pkg:maven/org.apache.xmlgraphics/batik-anim',
    'pkg:qpkg/blackberry/com.qnx.sdp',
    'pkg:rpm/fedora/curl',
    'pkg:swift/github.com/Alamofire/Alamofire',
    'pkg:vscode-extension/ms-python/python',
  ];
  const PROHIBITED = [
    'pkg:bazel/rules_java',
    'pkg:bitnami/wordpress',
    'pkg:cargo/rand',
    'pkg:chrome-extension/hlepfoohegkhhmjieoechaddaejaokhf',
    'pkg:cocoapods/AFNetworking',
    'pkg:conda/absl-py',
    'pkg:cran/A3',
    'pkg:gem/ruby-advisory-db-check',
    'pkg:hackage/a50',
    'pkg:julia/Dates',
    'pkg:mlflow/creditfraud',
    'pkg:nuget/EnterpriseLibrary.Common',
    'pkg:oci/debian@sha256%3A244fd47e07d10',
    'pkg:opam/ocaml-base-compiler',
    'pkg:otp/erts',
    'pkg:pub/characters',
    'pkg:pypi/django',
    'pkg:vcpkg/bzip2',
  ];
  const OPTIONAL = [
    'pkg:brew/sqlite',
    'pkg:conan/openssl',
    'pkg:cpan/perl',
    'pkg:docker/cassandra@latest',
    'pkg:generic/openssl',
    'pkg:hex/jason',
    'pkg:luarocks/luasocket',
    'pkg:npm/foobar',
    'pkg:swid/Acme/example.com/Enterprise%2BServer',
    'pkg:yocto/core/glibc',
  ];
  const withOne = (purl: string) => purl.replace('/', '/a/');
  const without = (purl: string) => purl.replace(/\/.*\//, '/');

  test.each(REQUIRED)('purl-spec: %s needs its namespace', purl => {
    expect(mistakes(purl)).toEqual([]);
    expect(refused(without(purl))).toContain('has a namespace');
  });

  test.each(PROHIBITED)('purl-spec: %s must not have one', purl => {
    expect(mistakes(purl)).toEqual([]);
    expect(refused(withOne(purl))).toContain('has no namespace');
  });

  test.each(OPTIONAL)('purl-spec: %s may have one', purl => {
    expect(mistakes(withOne(purl), without(purl))).toEqual([]);
  });

  test('Trivy: the standard library of Go has none, nor have modules of one word, although purl-spec requires it', () => {
    expect(mistakes('pkg:golang/stdlib', 'pkg:golang/api', 'pkg:golang/github.com/a/b')).toEqual([]);
  });

  test.each([
    ['maven', 1, 4],
    ['pypi', 0, 0],
  ])('a denial of %s is refused if, and only if, it matches no package', (type, least, most) => {
    const names = ['a', 'ab', 'b'];
    const below = (depth: number): string[] =>
      depth === 0 ? [''] : below(depth - 1).flatMap(path => names.map(name => `${path}${name}/`));
    const all = Array.from({ length: most - least + 1 }, (_, at) => below(least + at))
      .flat()
      .flatMap(path => names.map(name => packageUrl(`pkg:${type}/${path}${name}@1`, 'wide')));
    const segment = fc.constantFrom('a', 'b', '*', '**', '***', 'a*', '*b', 'a**', '**b');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), path => {
        const pattern = `pkg:${type}/${path.join('/')}`;
        const glob = compilePurl(`${pattern}@*`, 'wide');
        expect([pattern, all.some(purl => glob.matches(purl))]).toEqual([pattern, !refused(pattern)]);
      }),
    );
  });

  test.each(REPORTS)('Trivy: every package of the report %s can be denied as it stands there', name => {
    const purls = (report(name).Results ?? []).flatMap(({ Packages = [] }) =>
      Packages.flatMap(({ Identifier }) => Identifier?.PURL ?? []),
    );
    expect(mistakes(...purls)).toEqual([]);
  });
});

import { accepted, LIFE, problems, REASON } from './made';
import { waiverFor } from '../../../src/core/waivers/cover';
import type { ImportDefaults } from '../../../src/core/waivers/imported';
import { fromTrivyIgnore } from '../../../src/core/waivers/trivy-ignore';
import { soon } from '../../support/soon';
import { DIGEST, NOW } from '../support/made';

const DEFAULTS: ImportDefaults = {
  owner: 'platform@example.com',
  reason: REASON,
  repositories: ['team/**'],
  expires: '2026-12-31',
};

const lines = (text: string, defaults?: ImportDefaults) =>
  fromTrivyIgnore(text, '.trivyignore', { ...LIFE, ...(defaults && { defaults }) });
const yaml = (text: string, defaults?: ImportDefaults) =>
  fromTrivyIgnore(text, '.trivyignore.yaml', { ...LIFE, ...(defaults && { defaults }) });

describe('.trivyignore', () => {
  test('is read as Trivy reads it', () => {
    const text =
      '# Accept the risk\r\nCVE-2018-14618\r\n\r\n  CVE-2019-1543 exp:2026-12-11\t# until then\r\nDS-0002\r\ngeneric-unwanted-rule\r\n';
    expect(new Set(accepted(lines(text, DEFAULTS)).map(({ id, expires }) => `${id} ${expires}`))).toEqual(
      new Set([
        'CVE-2018-14618 2026-12-31',
        'CVE-2019-1543 2026-12-10',
        'DS-0002 2026-12-31',
        'generic-unwanted-rule 2026-12-31',
      ]),
    );
  });

  test('an entry expires when it does for Trivy: at the start of its day, the end of the day before', () => {
    const [waiver] = accepted(lines('CVE-1 exp:2026-12-11', DEFAULTS));
    const subject = { ids: ['CVE-1'], type: 'vulnerability' as const, isFixed: false };
    const answer = waiverFor(
      subject,
      { repository: 'team/app', digest: DIGEST },
      [waiver!],
      new Date('2026-12-11T00:00:00Z'),
    );
    expect(answer).toMatchObject({ expired: { id: 'CVE-1' }, endedAt: new Date('2026-12-10T23:59:59.999Z') });
  });

  test('what it does not say is asked for, entry by entry', () => {
    expect(
      problems(lines('# x\n\n  CVE-1 exp:2026-12-11\nCVE-2\n')).map(line => line.replace(/, allowed.*/, '')),
    ).toEqual([
      '.trivyignore:3:3: CVE-1: owner is missing',
      '.trivyignore:3:3: CVE-1: reason is missing',
      '.trivyignore:3:3: CVE-1: the waiver has no scope, required: repositories, digests or both; "**" is every repository, or set a default for all entries',
      '.trivyignore:4:1: CVE-2: owner is missing',
      '.trivyignore:4:1: CVE-2: reason is missing',
      '.trivyignore:4:1: CVE-2: expires is missing',
      '.trivyignore:4:1: CVE-2: the waiver has no scope, required: repositories, digests or both; "**" is every repository, or set a default for all entries',
    ]);
  });

  test.each([
    [
      'a day that is none',
      'CVE-1 exp:2026-13-01',
      /^\.trivyignore:1:7: CVE-1: "exp:2026-13-01" is not read here, allowed: one exp:YYYY-MM-DD/,
    ],
    ['two days', 'CVE-1 exp:2026-12-01 exp:2026-12-02', /^\.trivyignore:1:22: /],
    ['two ids', 'CVE-1 CVE-2', /^\.trivyignore:1:7: CVE-1: "CVE-2" is not read here/],
    [
      'a longer life than the policy gives',
      'CVE-1 exp:2027-12-01',
      /^\.trivyignore:1:1: CVE-1: expires is "2027-11-30", allowed: a day until 2027-02-23/,
    ],
    ['a pattern', 'CVE-*', /^\.trivyignore:1:1: CVE-\*: id is "CVE-\*", allowed: the exact id/],
  ])('%s is refused', (_, text, problem) => {
    expect(problems(lines(text, DEFAULTS))).toEqual([expect.stringMatching(problem)]);
  });

  test('Trivy: a day counts in a comment too, the first of a line', () => {
    const text =
      'CVE-1 # accepted exp:2026-12-11 exp:2026-12-31\nCVE-2 # exp: by then\nCVE-3 #exp:2026-12-11\n';
    expect(problems(lines(text, DEFAULTS))).toEqual([
      '.trivyignore:2:9: CVE-2: "exp:" is not read here, allowed: one exp:YYYY-MM-DD after the id, and # before a comment',
    ]);
    expect(
      accepted(lines(text.replace(' # exp: by then', ''), DEFAULTS)).map(({ id, expires }) => [id, expires]),
    ).toEqual(
      expect.arrayContaining([
        ['CVE-1', '2026-12-10'],
        ['CVE-2', '2026-12-31'],
        ['CVE-3', '2026-12-31'],
      ]),
    );
  });

  test.each([
    [
      'a byte-order mark, which is part of the first id',
      '\ufeffCVE-1',
      '.trivyignore:1:1: a byte-order mark (U+FEFF), which Trivy takes for a part of the text, allowed: none; save the file as UTF-8 without it',
    ],
    [
      'a byte-order mark between two words',
      'CVE-0\nCVE-1\ufeffexp:2026-12-11',
      '.trivyignore:2:6: a byte-order mark (U+FEFF), which Trivy takes for a part of the text, allowed: none; save the file as UTF-8 without it',
    ],
    [
      'a line behind which nothing is read',
      `CVE-0\n# ${'é'.repeat(32_768)}\nCVE-1`,
      '.trivyignore:2:1: the line has 65538 bytes, allowed: 65535; Trivy reads nothing behind a longer one',
    ],
    [
      'a day without an id',
      'exp:2026-12-11 # CVE-1',
      '.trivyignore:1:1: exp:2026-12-11: "exp:2026-12-11" is not read here, allowed: one exp:YYYY-MM-DD after the id, and # before a comment',
    ],
  ])('Trivy: %s is refused', (_, text, problem) => {
    expect(problems(lines(text, DEFAULTS))).toEqual([problem]);
  });

  test('Trivy: a line as long as it reads is read', () => {
    expect(accepted(lines(`# ${'x'.repeat(65_533)}\nCVE-1`, DEFAULTS))).toHaveLength(1);
  });

  test('a file without entries makes no waivers', () => {
    expect(accepted(lines('# nothing\n\n'))).toEqual([]);
  });

  test('a huge file is refused, soon', () => {
    const read = (text: string) => soon(5, () => problems(lines(text, DEFAULTS)));
    expect(read('a\n'.repeat(500_000))[0]).toMatch(/makes 500000 waivers, allowed: 5000/);
    expect(read('a '.repeat(520_000))).toHaveLength(1);
    expect(read('a'.repeat(1024 * 1024 + 1))[0]).toMatch(/allowed: 1048576/);
  });
});

describe('.trivyignore.yaml', () => {
  test('is read as Trivy reads it, an entry for each path and package', () => {
    const text = `
vulnerabilities:
  - id: CVE-2022-40897
    paths: ["usr/local/lib/**/METADATA", "usr/*/a**b"]
    statement: ${REASON}
  - id: CVE-2023-2650
    purls: [pkg:deb/debian/libssl1.1, "pkg:deb/debian/openssl@3.0?arch=amd64"]
    expired_at: 2026-12-11
  - id: CVE-2023-3446
    expired_at: 2026-12-11T22:00:00-05:00
misconfigurations:
  - id: DS-0002
licenses:
  - id: GPL-3.0
    paths:
`;
    expect(
      new Set(
        accepted(yaml(text, { ...DEFAULTS, reason: 'a reason for all of these here' })).map(
          ({ id, type, path, purl, expires, reason }) =>
            [id, type, path, purl, expires, reason === REASON].join(' '),
        ),
      ),
    ).toEqual(
      new Set([
        'CVE-2022-40897 vulnerability usr/local/lib/**/METADATA  2026-12-31 true',
        'CVE-2022-40897 vulnerability usr/*/a*b  2026-12-31 true',
        'CVE-2023-2650 vulnerability  pkg:deb/debian/libssl1.1@* 2026-12-10 false',
        'CVE-2023-2650 vulnerability  pkg:deb/debian/openssl@3.0?arch=amd64 2026-12-10 false',
        'CVE-2023-3446 vulnerability   2026-12-11 false',
        'DS-0002 misconfiguration   2026-12-31 false',
        'GPL-3.0 license   2026-12-31 false',
      ]),
    );
  });

  test('a secret asks for digests, whatever the defaults say of repositories', () => {
    const text = 'secrets:\n  - id: aws-access-key-id\n    paths: [/app/.env]\n';
    expect(problems(yaml(text, DEFAULTS))).toEqual([
      '.trivyignore.yaml:2:5: aws-access-key-id: a secret is waived by digest only, required: digests; better remove it from the image and revoke it',
    ]);
    expect(accepted(yaml(text, { ...DEFAULTS, repositories: undefined, digests: [DIGEST] }))).toMatchObject([
      { type: 'secret', path: '/app/.env', digests: [DIGEST] },
    ]);
  });

  test('Trivy: an entry covers findings of its section only', () => {
    const waivers = accepted(yaml('licenses:\n  - id: CVE-1\nvulnerabilities:\n  - id: MIT\n', DEFAULTS));
    const covered = (id: string, type: 'vulnerability' | 'license') =>
      waiverFor(
        { ids: [id], type, isFixed: false },
        { repository: 'team/app', digest: DIGEST },
        waivers,
        NOW,
      ) !== undefined;
    expect([covered('CVE-1', 'license'), covered('MIT', 'vulnerability')]).toEqual([true, true]);
    expect([covered('CVE-1', 'vulnerability'), covered('MIT', 'license')]).toEqual([false, false]);
  });

  test('what it says goes before the defaults, also where it is too short', () => {
    expect(problems(yaml('vulnerabilities:\n  - id: CVE-1\n    statement: fine\n', DEFAULTS))).toEqual([
      expect.stringMatching(/^\.trivyignore\.yaml:2:5: CVE-1: reason is "fine", allowed: a text of 20/),
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['no map', '- CVE-1\n', /^\.trivyignore\.yaml:1:1: the document: /],
    [
      'a section that nobody knows',
      'vulnerability:\n  - id: CVE-1\n',
      /:1:1: "vulnerability" is not a key that Trivy reads here, allowed: vulnerabilities, /,
    ],
    [
      'a key that nobody knows',
      'vulnerabilities:\n  - id: CVE-1\n    expires: 2026-12-01\n',
      /:3:5: "expires" is not a key that Trivy reads here, allowed: id, paths, /,
    ],
    ['no id', 'vulnerabilities:\n  - statement: x\n', /:2:5: vulnerabilities\.0\.id: /],
    [
      'a time that is none',
      'vulnerabilities:\n  - id: CVE-1\n    expired_at: soon\n',
      /:3:5: vulnerabilities\.0\.expired_at: not a time/,
    ],
    [
      'Trivy: a day in quotes',
      'vulnerabilities:\n  - id: CVE-1\n    expired_at: "2026-12-01"\n',
      /:3:5: CVE-1: a day in quotes, which Trivy refuses, allowed: YYYY-MM-DD without quotes$/,
    ],
    [
      'Trivy: a time without seconds',
      'vulnerabilities:\n  - id: CVE-1\n    expired_at: 2026-12-01T22:00Z\n',
      /:3:5: vulnerabilities\.0\.expired_at: not a time/,
    ],
    [
      'Trivy: a path of a package that begins at the root',
      'vulnerabilities:\n  - id: CVE-1\n    paths: [/app/x]\n',
      /:3:13: CVE-1: "\/app\/x" covers nothing in Trivy, where the path of a package has no \/ at its beginning, allowed: app\/x$/,
    ],
    [
      'Trivy: a path of a secret that does not begin at the root',
      'secrets:\n  - id: private-key\n    paths: ["**/server.key", app/*.key]\n',
      /:3:30: private-key: "app\/\*\.key" covers nothing in Trivy, where the path of a secret begins with \/, allowed: \/app\/\*\.key, or \*\*\/ at its beginning$/,
    ],
    [
      'a path of a check',
      'misconfigurations:\n  - id: DS-0002\n    paths: [Dockerfile]\n',
      /:3:13: DS-0002: paths of misconfigurations are not read here, because a check of an image has no path; remove them$/,
    ],
    [
      'a path of a licence',
      'licenses:\n  - id: MIT\n    paths: [app/**]\n',
      /:3:13: MIT: paths of licenses are not read here, because a licence belongs to a package; remove them$/,
    ],
    [
      'packages of a check',
      'misconfigurations:\n  - id: DS-0002\n    purls: [pkg:npm/a@1]\n',
      /:3:13: DS-0002: Trivy uses purls for vulnerabilities only/,
    ],
    [
      'alternatives',
      'vulnerabilities:\n  - id: CVE-1\n    paths: [a, "{a,b}/c"]\n',
      /:3:16: CVE-1: "{a,b}\/c" is not supported/,
    ],
    [
      'a class',
      'vulnerabilities:\n  - id: CVE-1\n    paths: ["[ab]"]\n',
      /:3:13: CVE-1: "\[ab\]" is not supported/,
    ],
    [
      'a star in a package',
      'vulnerabilities:\n  - id: CVE-1\n    purls: ["pkg:npm/*@1"]\n',
      /:3:13: CVE-1: "pkg:npm\/\*@1" has a star, which is an ordinary character for Trivy/,
    ],
    ...[
      'pkg:npm/a@',
      'pkg:npm/a@1@2',
      'pkg:npm//a',
      'pkg:npm/a%2',
      'pkg:npm/a@1?arch=',
      'pkg:npm/a@1?arch=amd64&arch=arm64',
      'pkg:npm/a@1#lib',
      'pkg:swift/a@1',
    ].map((purl): [string, string, RegExp] => [
      `Trivy: the package ${purl}`,
      `vulnerabilities:\n  - id: CVE-1\n    purls: ["${purl}"]\n`,
      /:3:13: CVE-1: "pkg:.*" is not a package URL as Trivy reports them, allowed: pkg:<type>\/<name>@<version>\?<key>=<value>/,
    ]),
    [
      'Trivy: a tab that looks like an indentation',
      'vulnerabilities:\n  - id: CVE-1\n \t\n',
      /:3:2: a tab at the beginning of a line, which Trivy refuses, allowed: spaces$/,
    ],
    ...['pkg:npm/a@1?arch', 'pkg:npm/a@1?:arch=amd64', 'pkg:npm/a@1?ARCH=amd64'].map(
      (purl): [string, string, RegExp] => [
        `Trivy: the package ${purl}`,
        `vulnerabilities:\n  - id: CVE-1\n    purls: ["${purl}"]\n`,
        /:2:5: CVE-1: purl is "pkg:.*", allowed: qualifiers as <key>=<value>/,
      ],
    ),
    ['an anchor', 'vulnerabilities: &a []\n', /:1:18: an anchor/],
  ])('%s is refused', (_, text, problem) => {
    expect(problems(yaml(text, DEFAULTS))).toContainEqual(expect.stringMatching(problem));
  });

  test('empty sections and an empty file make no waivers', () => {
    expect(accepted(yaml('vulnerabilities:\nsecrets: []\n'))).toEqual([]);
    expect(accepted(yaml(''))).toEqual([]);
  });

  test('many paths times many packages are too many', () => {
    const many = (prefix: string) =>
      Array.from({ length: 20_000 }, (_, index) => `${prefix}${index}`).join(', ');
    const text = `vulnerabilities:\n  - id: CVE-1\n    paths: [${many('p')}]\n    purls: [${many('pkg:npm/a@')}]\n`;
    expect(soon(2, () => problems(yaml(text, DEFAULTS)))[0]).toMatch(/allowed: 5000/);
  });
});

/**
 * What Trivy 0.74.0 calls packages that it finds in an image, and which of them an entry covers, by its own
 * `PackageURL.Match`.
 */
const TRIVYS: readonly (readonly [found: readonly string[], covers: Readonly<Record<string, string[]>>])[] = [
  [
    [
      'pkg:pypi/zope.interface@1.0rc1',
      'pkg:pypi/zope.interface@1.0RC1',
      'pkg:pypi/zope-interface@1.0rc1',
      'pkg:pypi/zope--interface@1.0rc1',
      'pkg:pypi/zope.-interface@1.0rc1',
    ],
    {
      'pkg:pypi/zope.interface@1.0rc1': ['pkg:pypi/zope.interface@1.0rc1'],
      'pkg:pypi/zope.interface@1.0RC1': ['pkg:pypi/zope.interface@1.0RC1'],
      'pkg:pypi/Zope.Interface@1.0rc1': ['pkg:pypi/zope.interface@1.0rc1'],
      'pkg:pypi/zope-interface@1.0rc1': ['pkg:pypi/zope-interface@1.0rc1'],
      'pkg:pypi/Zope_Interface@1.0rc1': ['pkg:pypi/zope-interface@1.0rc1'],
      'pkg:pypi/zope__interface@1.0rc1': ['pkg:pypi/zope--interface@1.0rc1'],
      'pkg:pypi/zope._interface@1.0rc1': ['pkg:pypi/zope.-interface@1.0rc1'],
      'pkg:pypi/zope.interface': ['pkg:pypi/zope.interface@1.0rc1', 'pkg:pypi/zope.interface@1.0RC1'],
    },
  ],
  [
    ['pkg:composer/monolog/monolog@1', 'pkg:composer/Monolog/Monolog@1', 'pkg:composer/monolog/Monolog@1'],
    { 'pkg:composer/monolog/monolog@1': ['pkg:composer/monolog/monolog@1'] },
  ],
  [
    ['pkg:deb/debian/bash@5a?distro=debian-13', 'pkg:deb/debian/Bash@5a?distro=debian-13'],
    {
      'pkg:deb/debian/bash@5a': ['pkg:deb/debian/bash@5a?distro=debian-13'],
      'pkg:deb/Debian/bash@5a': ['pkg:deb/debian/bash@5a?distro=debian-13'],
      'pkg:deb/debian/bash@5A': [],
    },
  ],
  [
    ['pkg:hex/Acme/foo@1', 'pkg:hex/acme/foo@1'],
    { 'pkg:hex/Acme/foo@1': ['pkg:hex/Acme/foo@1'], 'pkg:hex/acme/foo@1': ['pkg:hex/acme/foo@1'] },
  ],
  [
    ['pkg:pub/Flutter-Map@1.0', 'pkg:pub/flutter_map@1.0', 'pkg:pub/flutter-map@1.0'],
    {
      'pkg:pub/Flutter-Map@1.0': ['pkg:pub/Flutter-Map@1.0'],
      'pkg:pub/flutter_map@1.0': ['pkg:pub/flutter_map@1.0'],
    },
  ],
  [
    ['pkg:golang/github.com/burntsushi/toml@v1-RC', 'pkg:golang/github.com/burntsushi/toml@v1-rc'],
    { 'pkg:golang/github.com/BurntSushi/toml@v1-RC': ['pkg:golang/github.com/burntsushi/toml@v1-RC'] },
  ],
  [
    ['pkg:rpm/redhat/bash@5a?distro=redhat-9', 'pkg:rpm/redhat/Bash@5a?distro=redhat-9'],
    { 'pkg:rpm/RedHat/Bash@5a': ['pkg:rpm/redhat/Bash@5a?distro=redhat-9'] },
  ],
  [
    ['pkg:apk/alpine/bash@5a?distro=3.20', 'pkg:apk/alpine/bash@5A?distro=3.20'],
    { 'pkg:apk/Alpine/Bash@5a': ['pkg:apk/alpine/bash@5a?distro=3.20'] },
  ],
  [
    ['pkg:bitnami/wordpress@6.2A', 'pkg:bitnami/wordpress@6.2a'],
    { 'pkg:bitnami/WordPress@6.2A': ['pkg:bitnami/wordpress@6.2A'] },
  ],
  [
    ['pkg:npm/jsonstream@1', 'pkg:npm/JSONStream@1'],
    { 'pkg:npm/JSONStream@1': ['pkg:npm/JSONStream@1'], 'pkg:npm/jsonstream@1': ['pkg:npm/jsonstream@1'] },
  ],
];

test.each(
  TRIVYS.flatMap(([found, covers]) =>
    Object.entries(covers).map(([entry, covered]) => [entry, covered, found] as const),
  ),
)('Trivy: the package %s covers %j', (entry, covered, found) => {
  const waivers = accepted(yaml(`vulnerabilities:\n  - id: CVE-1\n    purls: ["${entry}"]\n`, DEFAULTS));
  const covers = (purl: string) =>
    waiverFor(
      { ids: ['CVE-1'], type: 'vulnerability', purl, isFixed: false },
      { repository: 'team/app', digest: DIGEST },
      waivers,
      NOW,
    ) !== undefined;
  expect(found.filter(covers)).toEqual(covered);
});

test.each(['pkg:composer/Monolog/monolog@1', 'pkg:composer/monolog/Monolog', 'pkg:deb/debian/Bash@5A'])(
  'Trivy reads %s in lower case and covers no package that it found with upper case: it is refused',
  entry => {
    expect(problems(yaml(`vulnerabilities:\n  - id: CVE-1\n    purls: ["${entry}"]\n`, DEFAULTS))).toEqual([
      expect.stringMatching(
        /:3:13: CVE-1: "pkg:.*" has upper case in its name, which Trivy reads as lower case, allowed: lower case$/,
      ),
    ]);
  },
);

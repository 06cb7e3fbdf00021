import { accepted, entry, problems, read, REASON } from './made';
import { waiverOf } from '../../../src/core/waivers/waiver';
import { DIGEST } from '../support/made';

const GOOD = {
  id: 'CVE-2024-1',
  repositories: '[team/*]',
  owner: 'platform@example.com',
  reason: REASON,
  expires: '2026-12-31',
};

/** Two keys above it, so that each entry begins in line 3, column 5. */
function file(...entries: Readonly<Record<string, string | undefined>>[]): string {
  const lines = entries.map(each =>
    Object.entries({ ...GOOD, ...each })
      .filter(([, value]) => value !== undefined)
      .map(([key, value], index) => `${index === 0 ? '  - ' : '    '}${key}: ${value}\n`)
      .join(''),
  );
  return `version: 1\nwaivers:\n${lines.join('')}`;
}

describe('a file', () => {
  test('is read in its own order', () => {
    expect(
      accepted(
        read(
          file(
            {},
            {
              id: 'CVE-2023-9',
              until: 'fixed',
              ticket: 'SEC-7',
              accepted: '2026-11-20',
              digests: `[${DIGEST}]`,
            },
          ),
        ),
      ),
    ).toEqual([
      waiverOf(entry()),
      waiverOf(
        entry({
          id: 'CVE-2023-9',
          until: 'fixed',
          ticket: 'SEC-7',
          accepted: '2026-11-20',
          digests: [DIGEST],
        }),
      ),
    ]);
  });

  test('without waivers is one', () => {
    expect(read('version: 1\nwaivers: []\n')).toEqual({ ok: true, value: [] });
  });

  test('whose waivers have all expired is one: it must not break the day after it was right', () => {
    expect(accepted(read(file({ expires: '2020-01-01' })))).toHaveLength(1);
  });

  test.each([
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a document start', (text: string) => `# ours\n---\n${text}`],
    [
      'a folded text',
      (text: string) => text.replace(REASON, `>-\n        ${REASON.replaceAll(' ', '\n        ')}`),
    ],
    ['comments and empty lines', (text: string) => text.replaceAll('\n', ' # why\n\n')],
  ])('with %s says the same', (_, changed) => {
    expect(read(changed(file({})))).toEqual(read(file({})));
  });

  test('may have a text that looks like what is refused', () => {
    const text = `${'- [{ &a *b !c %d --- ... '.repeat(10)}${'x '.repeat(40)}`;
    const indented = text.replaceAll(' ', `\n${' '.repeat(70)}`);
    for (const reason of [`|\n${' '.repeat(70)}${indented.trimEnd()}`, JSON.stringify(text)]) {
      expect(problems(read(file({ reason })))).toEqual([]);
    }
  });

  test('as JSON is YAML too', () => {
    expect(accepted(read(JSON.stringify({ version: 1, waivers: [entry()] }, undefined, 2)))).toEqual([
      waiverOf(entry()),
    ]);
  });
});

describe('each key', () => {
  test.each([
    [
      'id',
      'CVE-2024-1',
      'CVE-*',
      /^3:5: id is "CVE-\*", allowed: the exact id .* without \*; one waiver is one id/,
    ],
    ['id', 'Apache License 2.0', '" CVE-1"', /^3:5: id is "CVE-1"/],
    ['id', 'runs-as-root', '"CVE\\u200b-1"', /^3:5: id is "CVE-1"/],
    ['id', 'DS-0002', '12', /^3:5: id is the number "12"/],
    [
      'owner',
      'Team Ä',
      'x',
      /^5:5: owner is "x", allowed: a text of 3 to 200 visible characters; name who answers/,
    ],
    ['owner', 'abc', '"\\u200b\\u200b\\u200b\\u200b"', /^5:5: owner is ""/],
    ['owner', 'abc', '', /^5:5: owner is empty/],
    ['owner', 'abc', undefined, /^3:5: owner is missing/],
    ['reason', 'a'.repeat(20), 'a'.repeat(19), /^6:5: reason is "a{19}", allowed: a text of 20 to 2000/],
    ['reason', 'a'.repeat(2000), 'a'.repeat(2001), /^6:5: reason is /],
    ['reason', REASON, undefined, /^3:5: reason is missing/],
    ['expires', '2026-12-31', '2026-12-32', /^7:5: expires is "2026-12-32", allowed: a day as YYYY-MM-DD/],
    ['expires', '2026-12-31', '31.12.2026', /^7:5: expires is "31.12.2026"/],
    ['expires', '2026-12-31', '2026-12-31T10:00:00Z', /^7:5: expires is "2026-12-31T10:00:00Z"/],
    [
      'expires',
      '2027-02-23',
      '2027-02-24',
      /^7:5: expires is "2027-02-24", allowed: a day until 2027-02-23, 90 days from today/,
    ],
    ['expires', '2026-12-31', undefined, /^3:5: expires is missing/],
    ['accepted', '2026-11-25', '2026-11-26', /^8:5: accepted is "2026-11-26", allowed: a day until today/],
    ['accepted', '2026-11-25', 'yesterday', /^8:5: accepted is "yesterday"/],
    ['ticket', 'SEC-7', '7', /^8:5: ticket is the number "7", allowed: .*; a number goes in quotes/],
    ['until', 'fixed', 'never', /^8:5: until is "never", allowed: "fixed"/],
    ['purl', 'pkg:deb/debian/bash@5.2', 'bash', /^8:5: purl is "bash", allowed: pkg:<type>/],
    [
      'purl',
      'pkg:deb/debian/bash@*',
      'pkg:deb/debian/bash',
      /^8:5: purl is .* write pkg:deb\/debian\/bash@\* for every version/,
    ],
    [
      'purl',
      'pkg:npm/%40angular/core@17',
      'pkg:npm/@angular/core@17',
      /^8:5: purl is .* allowed: %40 for the @/,
    ],
    [
      'purl',
      'pkg:deb/debian/bash@5.2',
      'pkg:3deb/debian/bash@5.2',
      /^8:5: purl is "pkg:3deb.*, allowed: pkg:<type>/,
    ],
    [
      'purl',
      'pkg:deb/debian/bash@5.2',
      '"pkg:deb/debian/bash@5.2?arch=amd64&in%20production=true#x"',
      /^8:5: purl is .* allowed: qualifiers as <key>=<value>, .*; it has in%20production=true/,
    ],
    ['purl', 'pkg:deb/debian/**', '"pkg:**"', /^8:5: purl is "pkg:\*\*"/],
    [
      'purl',
      'pkg:deb/a@1',
      `pkg:deb/${'a'.repeat(300)}@1`,
      /^8:5: purl is .*allowed: at most 300 characters/,
    ],
    ['path', 'app/**', 'app/../etc', /^8:5: path is "app\/..\/etc", allowed: a path as Trivy reports it/],
    ['path', '/app/.env', '"a\\nb"', /^8:5: path is "a b", allowed: a path on one line/],
    [
      'repositories',
      '[team/app]',
      'team/app',
      /^4:5: repositories is "team\/app", allowed: a list of 1 to 200 names/,
    ],
    [
      'repositories',
      '["**"]',
      '["*"]',
      /^4:20: repositories is "\*", allowed: .* write "\*\*" if you mean every repository/,
    ],
    ['repositories', '[a]', '[]', /^4:5: repositories is a list of 0/],
    ['repositories', '[team/**]', '[a, Team]', /^4:23: repositories is "Team", allowed: lower-case letters/],
    ['repositories', '[team/app]', '[/team]', /^4:20: repositories is "\/team", allowed: the whole name/],
    ['repositories', '[a.b-c_d]', '[1.dkr.ecr.eu-west-1.amazonaws.com/a:1]', /^4:20: repositories is /],
    [
      'repositories',
      '[team/app]',
      undefined,
      /^3:5: the waiver has no scope, required: repositories, digests or both/,
    ],
    [
      'digests',
      `[${DIGEST}]`,
      '[latest]',
      /^8:15: digests is "latest", allowed: sha256:<64 hex>.* a tag is not a digest/,
    ],
    ['digests', `[${DIGEST}]`, `[${DIGEST.toUpperCase()}]`, /^8:15: digests is "SHA256:A/],
    [
      'onwer',
      undefined,
      'x',
      /^8:5: "onwer" is not a key of a waiver, allowed: id, type, purl, path, repositories, digests, owner, /,
    ],
    ['__proto__', undefined, '{a: 1}', /^8:5: "__proto__" is not a key of a waiver/],
    ['constructor', undefined, 'x', /^8:5: "constructor" is not a key of a waiver/],
  ])('%s: %s is taken, %s is not', (key, good, bad, problem) => {
    expect(problems(read(file(good === undefined ? {} : { [key]: good })))).toEqual([]);
    expect(problems(read(file({ [key]: bad }))).map(line => line.replace('waivers.yaml:', ''))).toEqual([
      expect.stringMatching(problem),
    ]);
  });

  test.each([
    [
      'nothing is named',
      { id: undefined },
      /^3:5: the waiver names no finding, required: at least one of id, purl and path/,
    ],
    [
      'every package of a type',
      { id: undefined, purl: 'pkg:deb/**' },
      /^7:5: purl is "pkg:deb\/\*\*", which is too broad without an id/,
    ],
    [
      'every package of a distribution',
      { id: undefined, purl: '"pkg:deb/debian/*@*"' },
      /^7:5: purl is .* too broad/,
    ],
    [
      'every package of a scope, and each scope',
      { id: undefined, purl: '"pkg:npm/%40**"' },
      /^7:5: purl is "pkg:npm\/%40\*\*", which is too broad without an id/,
    ],
    ['every path', { id: undefined, path: '"**"' }, /^7:5: path is "\*\*", which is too broad without an id/],
    ['every file of a kind', { id: undefined, path: '"**/*.jar"' }, /^7:5: path is .* too broad/],
    [
      'a path of stars beside a package',
      { id: undefined, purl: 'pkg:deb/debian/bash@*', path: '"*/**"' },
      /^8:5: path is .* too broad/,
    ],
    [
      'a package everywhere',
      { id: undefined, purl: 'pkg:deb/debian/bash@*', repositories: '["**"]' },
      /^3:5: repositories is "\*\*" without an id/,
    ],
  ])('too broad: %s', (_, changes, problem) => {
    expect(problems(read(file(changes))).map(line => line.replace('waivers.yaml:', ''))).toEqual([
      expect.stringMatching(problem),
    ]);
  });

  test.each([
    ['one package', { id: undefined, purl: 'pkg:deb/debian/bash@*' }],
    ['packages by the beginning of their name', { id: undefined, purl: 'pkg:deb/debian/linux-*' }],
    ['one package of a scope', { id: undefined, purl: 'pkg:npm/%40angular/core@*' }],
    ['a folder', { id: undefined, path: 'app/node_modules/**' }],
    ['a folder wherever it is', { id: undefined, path: '"**/testdata/**"' }],
    ['one id everywhere', { repositories: '["**"]' }],
    [
      'a package everywhere, in named images',
      { id: undefined, purl: 'pkg:deb/debian/bash@*', repositories: '["**"]', digests: `[${DIGEST}]` },
    ],
  ])('narrow enough: %s', (_, changes) => {
    expect(problems(read(file(changes)))).toEqual([]);
  });
});

describe('the file as a whole', () => {
  test.each([
    ['nothing', '', '1:1: the document is empty, allowed: a map with version and waivers'],
    ['a list', '- a\n', '1:1: the document is a list of 1, allowed: a map with version and waivers'],
    ['a text', 'waivers\n', '1:1: the document is "waivers", allowed: a map with version and waivers'],
    ['no version', 'waivers: []\n', '1:1: version is missing, allowed: 1'],
    ['another version', 'waivers: []\nversion: 2\n', '2:1: version is the number "2", allowed: 1'],
    [
      'empty waivers',
      'version: 1\nwaivers:\n',
      '2:1: waivers is empty, allowed: a list of waivers; write [] for none',
    ],
    [
      'a waiver that is none',
      'version: 1\nwaivers:\n  - CVE-1\n',
      '3:5: the waiver is "CVE-1", allowed: a map with id, repositories, owner, reason, expires, …',
    ],
    [
      'another key',
      'version: 1\nwaivers: []\nignore: []\n',
      '3:1: "ignore" is not a key of the document, allowed: version, waivers',
    ],
    [
      'a key twice',
      'version: 1\nwaivers: []\nwaivers: []\n',
      '3:1: the key "waivers" stands twice, allowed: once',
    ],
    [
      'a key twice in a flow',
      'version: 1\nwaivers: [{id: a, id: b}]\n',
      '2:19: the key "id" stands twice, allowed: once',
    ],
  ])('%s', (_, text, problem) => {
    expect(problems(read(text))).toEqual([`waivers.yaml:${problem}`]);
  });

  test('two that cover the same are one too many, however they are written', () => {
    const text = file(
      { repositories: '[a, b]' },
      { id: 'CVE-2' },
      { repositories: '[b, a]', owner: 'somebody else', expires: '2026-12-01' },
    );
    expect(problems(read(text))).toEqual([
      'waivers.yaml:13:5: the waiver covers the same as the one in line 3; prolong that one, or narrow one of them',
    ]);
  });

  test('every problem is told, from top to bottom', () => {
    const text = file(
      { id: undefined, owner: 'x', repositories: undefined },
      { expires: '2099-01-01', ticket: '7', colour: 'red' },
      { reason: undefined },
    );
    expect(problems(read(text)).map(line => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'waivers.yaml:3:5: owner is "x",',
      'waivers.yaml:3:5: the waiver names',
      'waivers.yaml:3:5: the waiver has',
      'waivers.yaml:10:5: expires is "2099-01-01",',
      'waivers.yaml:11:5: ticket is the',
      'waivers.yaml:12:5: "colour" is not',
      'waivers.yaml:13:5: reason is missing,',
    ]);
  });

  test('lines and columns are those of the key, also behind flows, comments and long texts', () => {
    const text = [
      '# a comment',
      'version: 1',
      'waivers:',
      '- id: CVE-1',
      '  reason: >-',
      '    one',
      '    # no comment',
      '    two, and long enough',
      '  repositories:',
      '  - good',
      '  - BAD',
      '  owner: "team\\',
      '    a"',
      '  expires:   soon',
      '- {id: CVE-2, repositories: [x], reason: 5, owner: abc, expires: 2026-12-01}',
      '',
    ].join('\n');
    expect(problems(read(text)).map(line => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'waivers.yaml:11:5: repositories',
      'waivers.yaml:14:3: expires',
      'waivers.yaml:15:34: reason',
    ]);
  });

  test('no more than 5,000', () => {
    const many = (count: number) =>
      file(...Array.from({ length: count }, (_, index) => ({ id: `CVE-${index}` })));
    expect(accepted(read(many(5_000)))).toHaveLength(5_000);
    expect(problems(read(many(5_001)))).toEqual([
      'waivers.yaml:2:1: waivers has 5001 entries, allowed: 5000; remove those that expired',
    ]);
  });
});

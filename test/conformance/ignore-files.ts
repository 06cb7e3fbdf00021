import * as fc from 'fast-check';

/** A finding as Trivy's matcher is asked about it. */
export interface AskedFinding {
  readonly type: 'vulnerability' | 'misconfiguration' | 'secret' | 'license';
  readonly id: string;
  /** The `Target` of its result. */
  readonly target: string;
  /** `PkgPath` of a vulnerability, `FilePath` of a licence. */
  readonly path?: string;
  readonly purl?: string;
}

export interface IgnoreFile {
  readonly name: '.trivyignore' | '.trivyignore.yaml';
  readonly text: string;
}

const DEBIAN = 'registry.example/team/app (debian 12.8)';

/** What every file is asked about: each kind, and those that a careless reader would mix up. */
export const FINDINGS: readonly AskedFinding[] = [
  {
    type: 'vulnerability',
    id: 'CVE-2024-1',
    target: DEBIAN,
    purl: 'pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12.8',
  },
  {
    type: 'vulnerability',
    id: 'CVE-2024-1',
    target: DEBIAN,
    purl: 'pkg:deb/debian/libc6@2.36-9?arch=arm64&epoch=1',
  },
  {
    type: 'vulnerability',
    id: 'CVE-2024-1',
    target: 'Node.js',
    path: 'app/node_modules/@babel/core/package.json',
    purl: 'pkg:npm/%40babel/core@7.0.0',
  },
  {
    type: 'vulnerability',
    id: 'CVE-2024-2',
    target: 'Python',
    path: 'usr/lib/python3/dist-packages/Foo_Bar-1.0.dist-info/METADATA',
    purl: 'pkg:pypi/foo-bar@1.0',
  },
  {
    type: 'vulnerability',
    id: 'CVE-2024-2',
    target: 'usr/bin/app',
    purl: 'pkg:golang/github.com/a/b@v1.2.3',
  },
  {
    type: 'vulnerability',
    id: 'CVE-2024-2',
    target: 'Java',
    path: 'app/app.jar/lib/x.jar',
    purl: 'pkg:maven/org.example/x@1.0?type=jar',
  },
  { type: 'vulnerability', id: 'GHSA-aaaa-bbbb-cccc', target: 'Ruby', path: '.bundle/x.gemspec' },
  {
    type: 'vulnerability',
    id: 'CVE-2024-12',
    target: DEBIAN,
    purl: 'pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12.8',
  },
  { type: 'secret', id: 'aws-access-key-id', target: '/app/.env' },
  { type: 'secret', id: 'private-key', target: '/app/keys/a/server.key' },
  { type: 'secret', id: 'private-key', target: '/server.key' },
  { type: 'misconfiguration', id: 'DS-0002', target: DEBIAN },
  { type: 'misconfiguration', id: 'DS-0026', target: DEBIAN },
  { type: 'license', id: 'MIT', target: 'Node.js', path: 'app/node_modules/a/package.json' },
  { type: 'license', id: 'GPL-3.0-only', target: 'OS Packages' },
  { type: 'license', id: 'MIT OR GPL-3.0-only', target: 'OS Packages' },
];

const ID = fc.constantFrom(
  ...FINDINGS.map(({ id }) => id),
  'AVD-DS-0002',
  'DS002',
  'least-privilege-user',
  'avd-ds-0026',
  'cve-2024-1',
  'CVE-2024-1:x',
  'runs-as-root',
);
/** The time of all questions is 2026-11-25T02:00:00Z. */
const DAY = fc.constantFrom(
  '2020-01-01',
  '2026-11-24',
  '2026-11-25',
  '2026-11-26',
  '2026-12-31',
  '2027-1-1',
  '2026-13-01',
  '0001-01-01',
  '9000-01-01',
  'soon',
  '',
);
const SPACE = fc.constantFrom(
  ' ',
  '  ',
  '\t',
  '\u00a0',
  '\u2003',
  '\v',
  '\f',
  '\r',
  '\u0085',
  '\u200b',
  '\ufeff',
);

const word = fc.oneof(
  { weight: 4, arbitrary: DAY.map(day => `exp:${day}`) },
  { weight: 6, arbitrary: fc.constantFrom('#', '# accepted', '# until', '#exp:2020-01-01', '##') },
  { weight: 1, arbitrary: fc.oneof(ID, DAY, fc.constantFrom('until', '//')) },
);
const line = fc.oneof(
  {
    weight: 40,
    arbitrary: fc
      .tuple(
        fc.oneof(
          { weight: 12, arbitrary: fc.constant('') },
          fc.constantFrom(' ', '\t', '\ufeff', '#', '\u00a0'),
        ),
        ID,
        fc.array(fc.tuple(fc.oneof({ weight: 20, arbitrary: fc.constant(' ') }, SPACE), word), {
          maxLength: 3,
        }),
        fc.oneof({ weight: 20, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\r', '#', '\ufeff')),
      )
      .map(
        ([start, id, words, end]) =>
          `${start}${id}${words.map(([space, each]) => space + each).join('')}${end}`,
      ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom('', '# a comment', '  # CVE-2024-1', '#CVE-2024-1', '\ufeff', '\ufeff# first'),
  },
  { weight: 1, arbitrary: word },
  {
    weight: 1,
    arbitrary: fc.constantFrom(65_534, 65_535, 65_536, 70_000).map(length => `# ${'x'.repeat(length - 2)}`),
  },
);
const lines = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('\n', '\n', '\n', '\n', '\n', '\n', '\n', '\r\n', '\r', '\u2028'),
  )
  .map(([all, end]): IgnoreFile => ({
    name: '.trivyignore',
    text: all.join(end) + (all.length % 2 === 0 ? end : ''),
  }));

const SENSIBLE = fc.constantFrom(
  'app/**',
  '**/package.json',
  'app/node_modules/**',
  'usr/lib/python3/**/METADATA',
  '**',
);
const ODD_PATH = fc.oneof(
  fc.constantFrom(
    '**',
    '*',
    '/**',
    '**/*',
    'app/**',
    '/app/**',
    '/app/.env',
    'app/.env',
    '**/.env',
    '*/.env',
    '**.env',
    '/*.key',
    '*.key',
    '**/server.key',
    'app/*/core/**',
    'app/node_modules/**/package.json',
    '/app/node_modules/**/package.json',
    'app/node_modules/@babel/core/package.json',
    'usr/bin/app',
    'usr/bin/*',
    '/usr/bin/app',
    'Node.js',
    '.bundle/**',
    './.bundle/**',
    '*bundle/x.gemspec',
    '{app,usr}/**',
    'app/[kn]*/**',
    'app/?env',
    'app//**',
    'app/',
    '',
    DEBIAN,
  ),
  fc
    .array(
      fc.constantFrom(
        'app',
        '*',
        '**',
        '***',
        'a',
        'node_modules',
        '@babel',
        'core',
        'x.jar',
        '.env',
        'package.json',
        '',
        '/',
        '/',
        '/',
        '/',
      ),
      {
        minLength: 1,
        maxLength: 7,
      },
    )
    .map(parts => parts.join('')),
);
const pathOf: Record<string, fc.Arbitrary<string>> = {
  vulnerabilities: fc.oneof({ weight: 3, arbitrary: SENSIBLE }, ODD_PATH),
  secrets: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('/app/**', '/app/.env', '**/server.key', '/app/keys/*/*.key', '**'),
    },
    ODD_PATH,
  ),
  misconfigurations: ODD_PATH,
  licenses: ODD_PATH,
};
const PURL = fc.constantFrom(
  'pkg:deb/debian/bash',
  'pkg:deb/debian/bash@5.2.15-2%2Bb7',
  'pkg:deb/debian/bash@5.2.15-2+b7',
  'pkg:deb/debian/bash@5.2.15-2%2bb7?arch=amd64',
  'pkg:deb/debian/bash?arch=amd64',
  'pkg:deb/debian/bash?arch=arm64',
  'pkg:deb/debian/bash?distro=debian-12.8&arch=amd64',
  'pkg:deb/debian/bash@',
  'pkg:deb/debian/libc6?epoch=1',
  'pkg:deb/Debian/libc6',
  'pkg:deb/debian/libc',
  'pkg:deb/debian/libc6@*',
  'pkg:npm/%40babel/core',
  'pkg:npm/@babel/core',
  'pkg:npm/%40babel/core@7.0.0',
  'pkg:npm/%40babel/core@7.0.0#sub',
  'pkg:npm/core',
  'pkg:pypi/foo-bar',
  'pkg:pypi/Foo_Bar@1.0',
  'pkg:golang/github.com/a/b',
  'pkg:golang/github.com/a/b@v1.2.3#cmd',
  'pkg:golang/github.com/A/b',
  'pkg:golang/github.com%2Fa/b',
  'pkg:maven/org.example/x?type=jar',
  'pkg:maven/org.example/x?type=war',
  'PKG:maven/org.example/x',
  'pkg://maven/org.example/x',
  'pkg:maven/org.example/x@1.0?',
  'pkg:generic/x',
  'not a purl',
  '',
);
const mark = fc.constantFrom(
  '%',
  '%2',
  '%2F',
  '%40',
  '%3A',
  '%3F',
  '%23',
  '%zz',
  '@',
  '?',
  '&',
  '=',
  '#',
  '/',
  '//',
  ':',
  '+',
  '.',
  '..',
  '*',
  'A',
  'arch=amd64',
  '1',
  ' ',
  'ä',
  '~',
  ',',
  ';',
  '"',
);
const purl = fc.oneof(
  { weight: 4, arbitrary: PURL },
  {
    weight: 1,
    arbitrary: fc.tuple(PURL, fc.nat(), fc.nat(2), mark).map(([text, where, kind, added]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + (kind === 1 ? '' : added) + text.slice(kind === 0 ? at : at + 1);
    }),
  },
);
/** So many times in twenty. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, often: number) =>
  fc.oneof({ weight: often, arbitrary }, { weight: 20 - often, arbitrary: fc.constant(undefined) });

const TIME = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '2020-01-01',
      '2026-11-25',
      '2026-11-26',
      '2026-12-31',
      '2026-12-31T10:00:00Z',
    ),
  },
  DAY,
  fc.constantFrom(
    '2026-11-25T01:00:00Z',
    '2026-11-25T03:00:00Z',
    '2026-11-26T00:00:00Z',
    '2026-12-01T22:00:00-05:00',
    '2026-12-01T22:00Z',
    '2026-12-01T22:00:00+0500',
    '2026-12-01 22:00:00',
    '2026-12-01T22:00:00',
    '2026-12-01t22:00:00z',
    '2026-12-01T22:00:00.123456789Z',
    '"2026-12-31"',
    "'2026-12-31'",
    '"2026-12-31T00:00:00Z"',
    '!!str 2026-12-31',
    '2026-12-31 # later',
    '>-\n      2026-12-31',
    '20261231',
    '~',
    'null',
  ),
);
const quoted = (text: string) => JSON.stringify(text);
const listOf = (key: string, values: readonly string[] | undefined) =>
  values === undefined ? [] : [`    ${key}: [${values.map(quoted).join(', ')}]`];

const section = fc.constantFrom('vulnerabilities', 'misconfigurations', 'secrets', 'licenses');
const idOf: Record<string, fc.Arbitrary<string>> = {
  vulnerabilities: fc.constantFrom('CVE-2024-1', 'CVE-2024-2', 'GHSA-aaaa-bbbb-cccc'),
  misconfigurations: fc.constantFrom('DS-0002', 'AVD-DS-0002', 'DS026', 'no-healthcheck'),
  secrets: fc.constantFrom('aws-access-key-id', 'private-key'),
  licenses: fc.constantFrom('MIT', 'GPL-3.0-only', 'MIT OR GPL-3.0-only'),
};
const yamlEntry = section.chain(name =>
  fc
    .record({
      id: fc.oneof({ weight: 5, arbitrary: idOf[name]! }, { weight: 1, arbitrary: ID }),
      paths: maybe(
        fc.array(pathOf[name]!, { maxLength: 2 }),
        name === 'vulnerabilities' || name === 'secrets' ? 8 : 1,
      ),
      purls: maybe(fc.array(purl, { maxLength: 2 }), name === 'vulnerabilities' ? 8 : 1),
      end: maybe(TIME, 8),
      statement: maybe(
        fc.constantFrom(
          ...Array.from({ length: 9 }, () => 'accepted until the next release, see the review'),
          'short',
        ),
        6,
      ),
      odd: maybe(
        fc.constantFrom(
          'reason: x',
          'ID: CVE-2024-2',
          'path: [a]',
          '# a comment',
          '# expired_at: 2020-01-01',
          '# x\u2028    expired_at: 2020-01-01',
          '# x\u0085    expired_at: 2020-01-01',
        ),
        1,
      ),
    })
    .map(({ id, paths, purls, end, statement, odd }) => ({
      name,
      text: [
        `  - id: ${id}`,
        ...listOf('paths', paths),
        ...listOf('purls', purls),
        ...(end === undefined ? [] : [`    expired_at: ${end}`]),
        ...(statement === undefined ? [] : [`    statement: ${statement}`]),
        ...(odd === undefined ? [] : [`    ${odd}`]),
      ].join('\n'),
    })),
);
const document = fc.array(yamlEntry, { minLength: 1, maxLength: 4 }).map(entries => {
  const names = [...new Set(entries.map(({ name }) => name))];
  return `${names
    .map(
      name =>
        `${name}:\n${entries
          .filter(each => each.name === name)
          .map(({ text }) => text)
          .join('\n')}`,
    )
    .join('\n')}\n`;
});
const piece = fc.constantFrom(
  ' ',
  '\n',
  '\t',
  '-',
  ':',
  '#',
  '"',
  "'",
  '*',
  '&a ',
  '!',
  '[',
  ']',
  '{',
  '}',
  ',',
  '\r',
  '\u0085',
  '\u2028',
  '\ufeff',
  '---\n',
  '...\n',
  '? ',
  '| ',
  '> ',
  '%',
  '<<: ',
  'CVE-2024-2',
  '\u00a0',
  '0',
  '~',
);
/** A character more, less or other: what a person could have left in it, or put there. */
const spoilt = fc
  .tuple(document, fc.array(fc.tuple(fc.nat(), fc.nat(2), piece), { minLength: 1, maxLength: 2 }))
  .map(([text, changes]) =>
    changes.reduce((given, [where, kind, added]) => {
      const at = where % (given.length + 1);
      return given.slice(0, at) + (kind === 1 ? '' : added) + given.slice(kind === 0 ? at : at + 1);
    }, text),
  );
const yaml = fc
  .tuple(
    fc.oneof(
      { weight: 12, arbitrary: fc.constant('') },
      fc.constantFrom('\ufeff', '\ufeff\ufeff', '---\n', '# x\n', '%YAML 1.2\n---\n'),
    ),
    fc.oneof({ weight: 2, arbitrary: document }, { weight: 1, arbitrary: spoilt }),
  )
  .map(([start, text]): IgnoreFile => ({ name: '.trivyignore.yaml', text: start + text }));

/** The same files for the same seed. */
export function ignoreFiles(count: number, seed: number): IgnoreFile[] {
  return fc.sample(fc.oneof({ weight: 1, arbitrary: lines }, { weight: 2, arbitrary: yaml }), {
    numRuns: count,
    seed,
  });
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { SCANNER_SIGNS, signIn, type ScannerSign } from '../../../src/core/scanning/scanner-signs';
import { REPORTS, said } from '../support/reports';
import { trivySource } from '../support/trivy-source';

const AT = '2026-11-25T01:58:44Z';
const LINES: readonly (readonly [string, ScannerSign | undefined])[] = [
  [`${AT}\tINFO\tDetected OS\tfamily="debian" version="13.1"`, 'system'],
  ['2026-11-25T01:58:44+01:00\tINFO\tDetected OS\tfamily="debian" version="13.1"', 'system'],
  [`${AT}\tWARN\tThis OS version is not on the EOL list\tfamily="alpine" version="3.24"`, 'noCalendar'],
  [`${AT}\tWARN\tUnsupported os\tfamily="none"`, 'noAdvisories'],
  [
    `${AT}\tWARN\t[alpine] Mixing Alpine versions is unsupported\tos="3.22" repository="9.99"`,
    'otherRelease',
  ],
  [
    `${AT}\tWARN\tVersion matching error\terr="python version error (2004b-x): malformed version: 2004b-x"`,
    'uncomparedVersion',
  ],
  [
    `${AT}\tWARN\tVersion matching error\terr="version error (${'9'.repeat(300)}): malformed version"`,
    'uncomparedVersion',
  ],
  [
    `${AT}\tWARN\tVersion matching error\terr="constraint error (1.0): improper constraint: <1.0.x"`,
    undefined,
  ],
  [
    `${AT}\tWARN\tThis OS version is no longer supported by the distribution\tfamily="alpine" version="3.11.2"`,
    undefined,
  ],
  [
    `${AT}\tWARN\t[secret] The size of the scanned file is too large.\tfile_path="srv/This OS version is not on the EOL list.txt"`,
    undefined,
  ],
  [`${AT}\tWARN\tInvalid file\tpath="INFO\\tDetected OS\\t"`, undefined],
  [`${AT}\tINFO\t[debian] Detecting vulnerabilities...\tx=Unsupported os\t`, undefined],
  ['This OS version is not on the EOL list', undefined],
];

test.each(LINES)('%j says %s', (line, sign) => {
  expect(signIn(line)).toBe(sign);
});

const hasBusyBox = spawnSync('busybox', ['grep', '-q', 'x'], { input: 'x' }).status === 0;

describe.each([
  ['grep', ['grep']],
  ...(hasBusyBox ? [['the grep of BusyBox', ['busybox', 'grep']] as const] : []),
] as [string, string[]][])('%s', (_, [program, ...first]) => {
  test('rule 5.1, hermetic scan: finds the same lines by the same patterns, and says no more of them', () => {
    for (const [sign, pattern] of Object.entries(SCANNER_SIGNS)) {
      const input = LINES.map(([line]) => `${line}\n`).join('') + '\u0000\xff binary\n';
      const { stdout } = spawnSync(program!, [...first, '-a', '-m', '1', '-o', '-E', '-e', pattern], {
        input,
        encoding: 'utf8',
      });
      expect(stdout.split('\n').slice(0, -1).map(signIn)).toEqual([sign]);
      expect(stdout).not.toMatch(/family|version="|repository|malformed/);
    }
  });
});

test('the words are those of the pinned Trivy', async () => {
  const source = await trivySource();
  expect(source('pkg/scan/ospkg/scan.go')).toContain('log.Info("Detected OS", log.String(');
  expect(source('pkg/detector/ospkg/version/version.go')).toContain(
    'log.Warn("This OS version is not on the EOL list",',
  );
  expect(source('pkg/detector/ospkg/detect.go')).toContain('log.Warn("Unsupported os", log.String(');
  expect(source('pkg/detector/ospkg/detect.go')).toContain(
    'ctx = log.WithContextPrefix(ctx, string(d.target.OS.Family))',
  );
  expect(source('pkg/detector/ospkg/alpine/alpine.go')).toContain(
    'log.WarnContext(ctx, "Mixing Alpine versions is unsupported",',
  );
  expect(source('pkg/detector/library/compare/compare.go')).toContain(
    'log.Warn("Version matching error", log.Err(err))',
  );
  for (const [comparer, words] of Object.entries({
    '': 'version error',
    npm: 'npm version error',
    pep440: 'python version error',
    rubygems: 'RubyGems version error',
    maven: 'maven version error',
    bitnami: 'bitnami version error',
  })) {
    expect(source(join('pkg/detector/library/compare', comparer, 'compare.go'))).toContain(
      `xerrors.Errorf("${words} (%s): %s"`,
    );
  }
}, 300_000);

test('and those that it said', () => {
  for (const name of [...REPORTS.filter(each => each !== 'scratch'), 'attacks/eol-list-names']) {
    expect(said(name).split('\n').map(signIn)).toContain('system');
  }
  expect(said('attacks/eol-list-names').split('\n').map(signIn)).toContain('noCalendar');
  expect(said('attacks/alpine-of-another-release').split('\n').map(signIn)).toContain('otherRelease');
});

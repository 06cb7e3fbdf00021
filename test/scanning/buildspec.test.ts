import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeLayout } from '../../local/images/layout';
import { POLYGLOTS } from '../../local/images/zoo/polyglots';
import { zooImage } from '../../local/images/zoo/zoo';
import { BUILD_PROGRAM } from '../../local/tools/normal-form';
import { buildDatabase } from '../../local/vulnerability-database/database';
import { readAccounting } from '../../src/core/scanning/accounting';
import { readNormalForm } from '../../src/core/scanning/normal-form';
import { readChecksums } from '../../src/core/scanning/provenance';
import { scanJob, type ScanSettings } from '../../src/core/scanning/scan-job';
import {
  classifyFailure,
  readCoverage,
  readScannerRun,
  readScannerVersion,
} from '../../src/core/scanning/scan-outcome';
import { SCANNER_SIGNS, signIn } from '../../src/core/scanning/scanner-signs';
import { ALLOW_RULES, SCAN_HEAP } from '../../src/core/scanning/trivy-flags';
import { scanBuildspec } from '../../src/scanning/buildspec';
import type { HashedProgram } from '../../src/scanning/scan-program';
import { LINES } from '../core/scanning/scanner-lines';

const SCAN_ID = '01JDGZ0000000000000000TEST';
const MACHINE = spawnSync('uname', ['-m'], { encoding: 'utf8' }).stdout.trim();

const folder = mkdtempSync(join(tmpdir(), 'scan-build-'));
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(60_000);

/** `<layout>@<digest>`, which the program reads like an image in a registry. */
const references = { clean: '', java: '', refused: '' };
const database = join(folder, 'database');
beforeAll(async () => {
  const images = {
    clean: await zooImage('clean'),
    java: await zooImage('log4shell'),
    refused: await POLYGLOTS['zstd-behind-tar'](),
  };
  for (const [name, image] of Object.entries(images)) {
    await writeLayout(join(folder, name), image);
    references[name as keyof typeof images] = `${join(folder, name)}@${image.descriptor.digest}`;
  }
  await buildDatabase(database, { updatedAt: new Date() });
});

/** What Trivy was given is kept beside it; what it does is told by the test. */
interface Behaviour {
  readonly exitCode?: number;
  readonly errors?: string;
  readonly sleeps?: number;
  readonly convertExitCode?: number;
  readonly report?: string;
  /** The report is a pipe into which nobody writes. */
  readonly pipesReport?: boolean;
  /** Trivy puts another program where the scan program was started from. */
  readonly replacesProgram?: boolean;
  /** The scan goes on when the version is asked. */
  readonly meets?: boolean;
  /** Of the download of the database, and of the Java database. */
  readonly downloads?: number;
  readonly downloadsJava?: number;
  /** How often registries answer a download with 429 before that. */
  readonly throttles?: number;
}

/** What Trivy said when both of its registries answered 429. */
const THROTTLED = readFileSync(join(__dirname, '../reports/errors/download-429.txt'), 'utf8').replaceAll(
  "'",
  '',
);
const REPORT = '{"ArtifactName":"x","Results":[]}';

function fakeTrivy(
  bin: string,
  {
    exitCode = 0,
    errors = '',
    sleeps = 0,
    convertExitCode = 0,
    report = REPORT,
    pipesReport = false,
    replacesProgram = false,
    meets = false,
    downloads = 0,
    downloadsJava = 0,
    throttles = 0,
  }: Behaviour,
): void {
  mkdirSync(bin, { recursive: true });
  const meeting = join(bin, 'meeting'); // a pipe: who opens it waits for the other end
  if (meets) spawnSync('mkfifo', [meeting]);
  const replaces = replacesProgram
    ? `rm "$HOME/normal-form"; printf '#!/bin/sh\\nexit 0' > "$HOME/normal-form"; chmod 500 "$HOME/normal-form";`
    : '';
  const writesReport = pipesReport ? 'mkfifo report.json' : `printf '%s' '${report}' > report.json`;
  writeFileSync(
    join(bin, 'trivy'),
    `#!/bin/sh
name=$1; case "$*" in *--download-db-only*) name=download ;; *--download-java-db-only*) name=java ;; esac
PATH=/usr/bin:/bin; kept='${bin}'; env -0 > "$kept/$name.env"; printf '%s\\0' "$@" > "$kept/$name.arguments"
readlink /proc/self/ns/net > "$kept/$name.network"; cp trivy.yaml "$kept" 2> /dev/null; ls -A > "$kept/$name.files"; cat secrets-*.yaml > "$kept/secrets"
case $name in download | java)
  echo >> "$kept/$name.tries"; [ $(wc -l < "$kept/$name.tries") -gt ${throttles} ] || { printf '%s' '${THROTTLED}' >&2; exit 1; } ;;
esac
case $name in
  download) mkdir -p ../cache; cp -R '${database}' ../cache/db; printf 'FATAL download' >&2; exit ${downloads} ;;
  java) printf 'FATAL java' >&2; exit ${downloadsJava} ;;
  image) ${replaces} ${sleeps > 0 ? `exec sleep ${sleeps};` : ''} ${meets ? `cat '${meeting}';` : ''} printf '%s' '${errors}' >&2; [ ${exitCode} -ne 0 ] || ${writesReport}; exit ${exitCode} ;;
  version) ${meets ? `: > '${meeting}';` : ''} printf '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"2026-11-20T00:00:00Z"}}' ;;
  convert) [ ${convertExitCode} -ne 0 ] || printf '{"bomFormat":"CycloneDX"}' > sbom.cdx.json; exit ${convertExitCode} ;;
esac
`,
    { mode: 0o755 },
  );
}

const SETTINGS: ScanSettings = {
  seconds: 840,
  databases: {
    vulnerabilities: ['public.ecr.aws/aquasecurity/trivy-db:2'],
    java: ['public.ecr.aws/aquasecurity/trivy-java-db:1'],
  },
  mirrors: { 'docker.io': ['mirror.example.com:5000'] },
  secretSearch: 'APPLICATION',
};
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
/** The shell starts the real program, which reads and accounts for real images. Trivy is a stand-in. */
const SYNTHESISED: HashedProgram = {
  machine: MACHINE,
  path: 'amd64/normal-form',
  sha256: sha256(readFileSync(BUILD_PROGRAM)),
};

interface Run {
  readonly status: number | null;
  readonly exported: string;
  readonly stderr: string;
  readonly bin: string;
  readonly out: string;
  file(name: string): Buffer;
  argumentsOf(command: string): string[];
  environmentOf(command: string): Record<string, string>;
}

interface Changes {
  readonly variables?: Record<string, string>;
  readonly settings?: Partial<ScanSettings>;
  /** Of the job that is written for a build. */
  readonly job?: object;
  readonly program?: Partial<HashedProgram>;
  readonly source?: string;
  readonly shell?: readonly string[];
}

let runs = 0;
const newSource = () => join(folder, String(runs++), 'src');

/** The build as CodeBuild does it: the command in a shell of its own, then the exported variable is read. */
function build(
  behaviour: Behaviour = {},
  { variables = {}, settings, job, program, source = newSource(), shell = ['sh'] }: Changes = {},
): Run {
  const bin = join(source, '..', 'bin');
  fakeTrivy(bin, behaviour);
  mkdirSync(join(source, dirname(SYNTHESISED.path)), { recursive: true });
  copyFileSync(BUILD_PROGRAM, join(source, SYNTHESISED.path));
  const spec = scanBuildspec(
    { ...SYNTHESISED, ...program },
    { ...scanJob({ ...SETTINGS, ...settings }), ...job },
  );
  const [sh, ...first] = shell as [string, ...string[]];
  const { status, stdout, stderr } = spawnSync(
    sh,
    [...first, '-c', `${commandOf(spec)}\nprintf 'EXPORTED=%s' "$(env | grep ^SUMS_SHA256=)"`],
    {
      cwd: source,
      encoding: 'utf8',
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        CODEBUILD_SRC_DIR: source,
        IMAGE_REFERENCE: references.clean,
        SCAN_ID,
        ...variables,
      },
    },
  );
  const out = join(source, (spec as any).artifacts['base-directory']);
  const split = (file: string) => readFileSync(join(bin, file), 'utf8').split('\0').slice(0, -1);
  return {
    status,
    stderr,
    bin,
    out,
    exported: /EXPORTED=SUMS_SHA256=(.*)$/s.exec(stdout)?.[1] ?? '',
    file: name => readFileSync(join(out, name)),
    argumentsOf: command => split(`${command}.arguments`),
    environmentOf: command =>
      Object.fromEntries(
        split(`${command}.env`).map(entry => [
          entry.slice(0, entry.indexOf('=')),
          entry.slice(entry.indexOf('=') + 1),
        ]),
      ),
  };
}

function commandOf(spec: object): string {
  return (spec as any).phases.build.commands.join('\n');
}

const ended = (run: Run) => readScannerRun(run.file('run.json').toString());
const scanned = ({ bin }: Run) => existsSync(join(bin, 'image.arguments'));
const FAILED = ['SHA256SUMS', 'form.json', 'run.json', 'trivy.err', 'version.json'];

describe('the buildspec', () => {
  const spec = scanBuildspec(SYNTHESISED, scanJob(SETTINGS));

  test('is one command of few lines, exports the checksum, and uploads one folder', () => {
    expect(spec).toMatchObject({
      version: '0.2',
      env: { 'exported-variables': ['SUMS_SHA256'] },
      phases: { build: { commands: [expect.any(String)] } },
      artifacts: { 'base-directory': 'out', files: ['*'] },
    });
    expect(commandOf(spec).split('\n').length).toBeLessThanOrEqual(12);
  });

  test('is POSIX shell', () => {
    for (const shell of ['sh', 'dash'].filter(name => spawnSync(name, ['-c', ':']).status === 0)) {
      expect(spawnSync(shell, ['-n'], { input: commandOf(spec), encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
    expect(commandOf(spec)).not.toMatch(/\[\[|<<<|\bfunction\b|\blocal\b|\$'|pipefail/);
  });

  test('is the same text for the same scan: the evaluator compares its hash', () => {
    const text = (settings: ScanSettings) => commandOf(scanBuildspec(SYNTHESISED, scanJob(settings)));
    expect(text({ ...SETTINGS })).toBe(text(SETTINGS));
    expect(text({ ...SETTINGS, seconds: 841 })).not.toBe(text(SETTINGS));
  });

  test.each(
    [['sh'], ['dash'], ['bash', '--norc'], ['busybox', 'sh']].filter(
      ([program, ...first]) => spawnSync(program!, [...first, '-c', ':']).status === 0,
    ),
  )('runs in %s', (...shell) => {
    const run = build({}, { shell });
    expect(run.status).toBe(0);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('a job may contain any text', () => {
    const text = `'; exit 3; ' "$(exit 3)" \`exit 3\` \\ %s %% é\n\t\u0027`;
    const run = build({}, { settings: { mirrors: { [text]: [text] } } });
    expect(run.status).toBe(0);
    expect(JSON.parse(readFileSync(join(run.bin, 'trivy.yaml'), 'utf8'))).toEqual({
      registry: { mirrors: { [text]: [text] } },
    });
  });
});

describe('a scan that went well', () => {
  let run: Run;
  beforeAll(() => {
    run = build({ errors: 'WARN something' }, { variables: { AWS_REGION: 'eu-west-1' } });
  });

  test('ends well, and leaves the report, the SBOM, what ran, and no more', () => {
    expect(run.status).toBe(0);
    expect(readdirSync(run.out).sort()).toEqual([
      'SHA256SUMS',
      'accounting.json',
      'form.json',
      'report.json.gz',
      'run.json',
      'sbom.cdx.json.gz',
      'trivy.err',
      'version.json',
    ]);
    expect(gunzipSync(run.file('report.json.gz')).toString()).toBe(REPORT);
    expect(gunzipSync(run.file('sbom.cdx.json.gz')).toString()).toBe('{"bomFormat":"CycloneDX"}');
    expect(run.file('trivy.err').toString()).toBe('WARN something');
  });

  test('nobody else on the machine may read it', () => {
    const readable = (file: string) => statSync(file).mode % 0o100;
    const files = readdirSync(run.out, { recursive: true, encoding: 'utf8' }).map(name =>
      join(run.out, name),
    );
    expect([run.out, join(run.out, '..', 'scan'), ...files].map(readable)).toEqual([
      0,
      0,
      ...files.map(() => 0),
    ]);
  });

  test('what it leaves is what the evaluator reads', () => {
    expect(run.file('run.json').toString()).toMatch(
      /^\{"step":"account","exitCode":0,"startedAt":"[-0-9]{10}T[:0-9]{8}Z","finishedAt":"[-0-9]{10}T[:0-9]{8}Z"\}$/,
    );
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'account', exitCode: 0 } });
    expect(readScannerVersion(run.file('version.json').toString())).toMatchObject({
      ok: true,
      value: { version: '0.74.0' },
    });
    const [, digest] = references.clean.split('@');
    expect(readNormalForm(run.file('form.json').toString())).toMatchObject({
      ok: true,
      value: { image: digest },
    });
    const accounting = readAccounting(run.file('accounting.json').toString());
    expect(accounting).toMatchObject({ ok: true, value: { accounting: { accounted: 0 } } });
    expect(accounting.ok && accounting.value.accounting.declared).toBeGreaterThan(0);
  });

  test('Trivy is asked for its version while it scans', () => {
    const beside = build({ meets: true }, { settings: { seconds: 20 } });
    expect(ended(beside)).toMatchObject({ ok: true, value: { step: 'account', exitCode: 0 } });
    expect(readScannerVersion(beside.file('version.json').toString())).toMatchObject({ ok: true });
  });

  test('every file but the checksums is in the checksums, and the exported variable is theirs', () => {
    const sums = readChecksums(run.file('SHA256SUMS').toString());
    const files = readdirSync(run.out).filter(name => name !== 'SHA256SUMS');
    expect(sums).toMatchObject({ ok: true });
    expect(Object.fromEntries(sums.ok ? sums.value : [])).toEqual(
      Object.fromEntries(files.map(name => [name, sha256(run.file(name))])),
    );
    expect(spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: run.out }).status).toBe(0);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('the log of the build says how long each step took, and what Trivy said', () => {
    expect(
      run.stderr
        .replace(/\d+\.\d\d/g, 'N')
        .split('\n')
        .sort(),
    ).toEqual([
      '',
      'WARN something',
      ...['account', 'convert', 'download', 'read', 'scan', 'version'].map(
        step => `${step}: exit code 0 after N s`,
      ),
    ]);
  });

  test('the database is downloaded from where the project says; the Java database is not, where nothing needs it', () => {
    expect(run.argumentsOf('download')).toEqual(
      expect.arrayContaining([
        '--download-db-only',
        '--db-repository=public.ecr.aws/aquasecurity/trivy-db:2',
        '--cache-dir=../cache',
      ]),
    );
    expect(existsSync(join(run.bin, 'java.arguments'))).toBe(false);
  });

  test('where the image has archives of Java, the Java database comes too', () => {
    const java = build({}, { variables: { IMAGE_REFERENCE: references.java } });
    expect(java.argumentsOf('java')).toEqual(
      expect.arrayContaining([
        '--download-java-db-only',
        '--java-db-repository=public.ecr.aws/aquasecurity/trivy-java-db:1',
      ]),
    );
  });

  test('rule 5.1, hermetic scan: Trivy scans the normal form and nothing else: an empty cache in memory, no ignore file, no update, no network, only the check of the Dockerfile', () => {
    const given = run.argumentsOf('image');
    expect(given.slice(0, 1)).toEqual(['image']);
    expect(given).toEqual(
      expect.arrayContaining([
        '--input=form/image',
        '--cache-backend=memory',
        '--ignorefile=none',
        '--exit-code=0',
        '--list-all-pkgs',
        '--detection-priority=comprehensive',
        '--scanners=vuln,secret,misconfig',
        '--misconfig-scanners=dockerfile',
        '--offline-scan',
        '--skip-db-update',
        '--skip-java-db-update',
        '--cache-dir=../cache',
        `--secret-config=secrets-${SCAN_ID}.yaml`,
      ]),
    );
    expect(given.some(each => each.includes(references.clean.split('@')[0]!))).toBe(false);
    expect(JSON.parse(readFileSync(join(run.bin, 'trivy.yaml'), 'utf8'))).toEqual({
      registry: { mirrors: { 'docker.io': ['mirror.example.com:5000'] } },
    });
  });

  const mayUnshare = ['-n', '-rn'].some(flags => spawnSync('unshare', [flags, 'true']).status === 0);
  (mayUnshare ? test : test.skip)(
    'rule 5.1, hermetic scan: what looks at the image has a network of its own, which leads nowhere (skipped where the machine allows none)',
    () => {
      const networkOf = (name: string) => readFileSync(join(run.bin, `${name}.network`), 'utf8').trim();
      const own = readlinkSync('/proc/self/ns/net');
      expect(networkOf('download')).toBe(own);
      expect(networkOf('image')).not.toBe(own);
      expect(networkOf('convert')).not.toBe(own);
    },
  );

  test("secrets are searched in every file that is not the distribution's, or in all of them", () => {
    const rules = ({ bin }: Run) => JSON.parse(readFileSync(join(bin, 'secrets'), 'utf8'));
    expect(rules(run)).toEqual({ 'skip-patterns': [], 'disable-allow-rules': [...ALLOW_RULES.application] });
    const everywhere = build({}, { settings: { secretSearch: 'EVERYWHERE' } });
    expect(rules(everywhere)['disable-allow-rules']).toEqual([
      ...ALLOW_RULES.application,
      ...ALLOW_RULES.distribution,
    ]);
  });

  test('the SBOM is converted without the findings, of which none is stored with it', () => {
    expect(run.argumentsOf('convert')).toEqual([
      'convert',
      '--format=cyclonedx',
      '--severity=UNKNOWN',
      '--output=sbom.cdx.json',
      '--cache-dir=../cache',
      'report.json',
    ]);
  });

  test('without mirrors it has no configuration at all', () => {
    const bare = build({}, { settings: { mirrors: {} } });
    expect(existsSync(join(bare.bin, 'trivy.yaml'))).toBe(false);
    expect(filesOf(bare)).toEqual(['form', 'none', `secrets-${SCAN_ID}.yaml`]);
  });

  test('rule 5.1, hermetic scan: Trivy starts in a folder that holds the form, its configuration and an empty ignore file', () => {
    expect(filesOf(run)).toEqual(['form', 'none', `secrets-${SCAN_ID}.yaml`, 'trivy.yaml']);
  });
});

function filesOf({ bin }: Run): string[] {
  return readFileSync(join(bin, 'image.files'), 'utf8').split('\n').filter(Boolean).sort();
}

describe('rule 5.2, provenance: the program', () => {
  test('that is not the one that was synthesised is not run, and the build fails', () => {
    const run = build({}, { program: { sha256: 'f'.repeat(64) } });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('the scan program is not the one that was synthesised');
    expect(existsSync(join(run.bin, 'download.arguments'))).toBe(false);
    expect(existsSync(run.out)).toBe(false);
  });

  test('is for the machine, or the build fails', () => {
    expect(build({}, { program: { machine: 'm68k' } })).toMatchObject({
      status: 1,
      stderr: `the scan program is for m68k, and this machine is ${MACHINE}\n`,
    });
  });

  test('is the one that was hashed to the end, also where Trivy writes another one over it', () => {
    const run = build({ replacesProgram: true });
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'account', exitCode: 0 } });
    expect(readAccounting(run.file('accounting.json').toString())).toMatchObject({ ok: true });
  });

  test('takes no job of another version', () => {
    const run = build({}, { job: { unheardOf: true } });
    expect(run).toMatchObject({ status: 1, exported: '' });
    expect(run.stderr).toMatch(/unknown field "unheardOf"/);
  });

  test('finds Trivy, or the build fails', () => {
    const run = build({}, { variables: { PATH: '/usr/bin:/bin' } });
    expect(run).toMatchObject({ status: 1, exported: '' });
    expect(run.stderr).toMatch(/no trivy on PATH/);
  });
});

describe('an image that is not read', () => {
  test('rule 5.9, what was scanned is what runs: is not shown to Trivy, and what was said is uploaded', () => {
    const run = build({}, { variables: { IMAGE_REFERENCE: references.refused } });
    expect(run.status).toBe(0);
    expect(readdirSync(run.out).sort()).toEqual(FAILED);
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'read', exitCode: 3 } });
    expect(run.file('trivy.err').toString()).toMatch(/skippable frame/);
    expect(readNormalForm(run.file('form.json').toString())).toMatchObject({
      ok: false,
      error: { cause: 'UNSCANNABLE' },
    });
    expect(scanned(run)).toBe(false);
  });

  test('ends the wait for a registry that throttles', () => {
    const begun = Date.now();
    const run = build(
      { throttles: 1000 },
      { variables: { IMAGE_REFERENCE: references.refused }, job: { throttledPauseSeconds: 100 } },
    );
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'read', exitCode: 3 } });
    expect(Date.now() - begun).toBeLessThan(50_000);
  });
});

test.each([
  ['the database', { downloads: 1 }, 'FATAL download', 'clean'],
  ['the Java database', { downloadsJava: 1 }, 'FATAL java', 'java'],
] as const)('where %s does not come, nothing is scanned', (_, behaviour, said, image) => {
  const run = build(behaviour, { variables: { IMAGE_REFERENCE: references[image] } });
  expect(ended(run)).toMatchObject({ ok: true, value: { step: 'download', exitCode: 1 } });
  expect(run.file('trivy.err').toString()).toBe(said);
  expect(scanned(run)).toBe(false);
});

test("rule 5.1, hermetic scan: a stranger's text among what Trivy says hides none of the signs that an operating system is unknown", () => {
  const at = '2026-11-25T00:00:00Z';
  const said = [
    ...[1, 2, 3, 4, 5].map(
      name =>
        `${at}\tWARN\t[secret] The size of the scanned file is too large.\tfile_path="srv/This OS version is not on the EOL list ${name}.txt" size (MB)=11`,
    ),
    ...Array.from(
      { length: 7 },
      (_, number) =>
        `${at}\tWARN\t[dpkg] Invalid version\tpackage="p${number}" version="Detected OS ${number}"`,
    ),
    `${at}\tINFO\tDetected OS\tfamily="debian" version="99.1"`,
    `${at}\tWARN\tThis OS version is not on the EOL list\tfamily="debian" version="${'9'.repeat(60_000)}"`,
    ...Array.from(
      { length: 400 },
      (_, number) => `${at}\tWARN\tVersion matching error\terr="npm version error (not a version ${number})"`,
    ),
  ];
  const uploaded = build({ errors: said.join('\n') + '\n' })
    .file('trivy.err')
    .toString();
  expect(uploaded).toContain(`${at}\tWARN\tThis OS version is not on the EOL list\t\n`);
  expect(uploaded.length).toBeLessThan(17_000);
  expect(readCoverage(uploaded)).toEqual({ unknownRelease: true, uncomparedVersion: 'not a version 0' });
});

test('rule 5.1, hermetic scan: the program finds the same signs as the evaluator, and says no more of their lines', () => {
  const errors = LINES.map(([line]) => `${line}\n`).join('') + 'x'.repeat(16_384);
  const lines = build({ errors }).file('trivy.err').toString().split('\n').slice(0, -1);
  expect(lines.map(signIn)).toEqual(Object.keys(SCANNER_SIGNS));
  expect(lines.join()).not.toMatch(/family|version="|repository|malformed/);
});

describe('a scan that did not', () => {
  test.each([
    [1, 'FATAL Fatal error: 401 Unauthorized'],
    [2, 'panic: runtime error'],
    [137, ''],
  ])('exit code %d is in run.json, with what Trivy said, and the build ends well', (exitCode, errors) => {
    const run = build({ exitCode, errors });
    expect(run.status).toBe(0);
    expect(readdirSync(run.out).sort()).toEqual(FAILED);
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'scan', exitCode } });
    expect(run.file('trivy.err').toString()).toBe(errors);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('rule 5.1, hermetic scan: is ended when the time is up', () => {
    const run = build({ sleeps: 50 }, { settings: { seconds: 5 } });
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'scan', exitCode: 124 } });
  });

  test.each<[string, Behaviour, number, RegExp, number]>([
    ['fails', { report: 'no JSON' }, 1, /report\.json|invalid/, 840],
    ['is late', { pipesReport: true }, 124, /^$/, 5],
  ])(
    'the accounting %s: no report is uploaded, and what was said is',
    (_, behaviour, exitCode, said, seconds) => {
      const run = build({ errors: 'INFO of Trivy', ...behaviour }, { settings: { seconds } });
      expect(run.status).toBe(0);
      expect(readdirSync(run.out).sort()).toEqual(FAILED);
      expect(ended(run)).toMatchObject({ ok: true, value: { step: 'account', exitCode } });
      expect(run.file('trivy.err').toString()).toMatch(said);
    },
  );

  test('a report without an SBOM is a report', () => {
    const run = build({ convertExitCode: 1 });
    expect(readdirSync(run.out)).toContain('report.json.gz');
    expect(readdirSync(run.out)).not.toContain('sbom.cdx.json.gz');
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('what Trivy said is cut to 16 KiB', () => {
    const run = build({ exitCode: 1, errors: 'x'.repeat(20_000) });
    expect(run.file('trivy.err')).toHaveLength(16_384);
  });

  test('leaves nothing of the run before', () => {
    const source = newSource();
    build({}, { source });
    writeFileSync(join(source, 'out', 'left.gz'), 'left');
    writeFileSync(join(source, 'scan', SCAN_ID, '.trivyignore'), 'CVE-2021-44228');
    const run = build({ exitCode: 1 }, { source });
    expect(readdirSync(run.out).sort()).toEqual(FAILED);
    expect(filesOf(run)).not.toContain('.trivyignore');
  });
});

describe('a registry that answers 429', () => {
  const triesOf = ({ bin }: Run, what: string) => readFileSync(join(bin, `${what}.tries`), 'utf8').length;
  const quickly = { throttledPauseSeconds: 0.01 };

  test('is asked again, and the scan goes on', () => {
    const run = build({ throttles: 3 }, { job: quickly });
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'account', exitCode: 0 } });
    expect(triesOf(run, 'download')).toBe(4);
  });

  test('is asked again for the Java database too', () => {
    const run = build({ throttles: 1 }, { job: quickly, variables: { IMAGE_REFERENCE: references.java } });
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'account', exitCode: 0 } });
    expect(triesOf(run, 'java')).toBe(2);
  });

  test('is left alone while there is still time to scan, and the failed scan says why', () => {
    const begun = Date.now();
    const run = build({ throttles: 1000 }, { settings: { seconds: 20 }, job: quickly });
    expect(Date.now() - begun).toBeLessThan(20_000);
    expect(triesOf(run, 'download')).toBeGreaterThan(5);
    const result = ended(run);
    expect(result).toMatchObject({ ok: true, value: { step: 'download', exitCode: 1 } });
    if (!result.ok) throw new Error(result.error.detail);
    expect(classifyFailure(result.value, run.file('trivy.err').toString())).toMatchObject({
      cause: 'DATABASE_THROTTLED',
      detail: expect.stringMatching(/TOOMANYREQUESTS: Rate exceeded$/),
    });
  });

  test('any other failure of a download ends it at once', () => {
    const run = build({ throttles: 1, downloads: 1 }, { job: quickly });
    expect(triesOf(run, 'download')).toBe(2);
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'download', exitCode: 1 } });
  });
});

describe('the environment of programs', () => {
  const kept = {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/x',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/run/token',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_REGION: 'eu-west-1',
    HTTPS_PROXY: 'http://proxy.example.com:3128',
    no_proxy: 'localhost',
    SSL_CERT_FILE: '/ca.pem',
  };
  const dropped = {
    TRIVY_IGNOREFILE: '/tmp/evil',
    TRIVY_SEVERITY: 'LOW',
    TRIVY_SKIP_DIRS: '/',
    TRIVY_OFFLINE_SCAN: 'true',
    GITHUB_TOKEN: 't',
    DOCKER_CONFIG: '/tmp/evil',
    XDG_CACHE_HOME: '/tmp/evil',
    BASH_ENV: '/tmp/evil',
    GOGC: 'off',
    GOMEMLIMIT: '1',
    HTTP_PROXY: '',
    LD_PRELOAD: '/nowhere/evil.so',
  };
  let run: Run;
  beforeAll(() => {
    run = build({}, { variables: { ...kept, ...dropped } });
  });
  const own = ({ PWD: _pwd, OLDPWD: _oldpwd, SHLVL: _level, _: _self, ...given }: Record<string, string>) =>
    given; // set by the fake's own shell

  test('the download, which talks to registries, gets the variables that are listed, and no others', () => {
    const { PATH: _path, ...given } = own(run.environmentOf('download'));
    expect(given).toEqual({ ...kept, HOME: join(run.out, '..', 'scan') });
  });

  test.each(['image', 'version', 'convert'])(
    'rule 5.1, hermetic scan: %s gets no credentials, no programs to run, and proxies that lead nowhere',
    command => {
      const { PATH: _path, HOME, GOGC, GOMEMLIMIT, ...proxies } = own(run.environmentOf(command));
      expect(HOME).toBe(join(run.out, '..', 'scan'));
      expect({ GOGC, GOMEMLIMIT }).toEqual(SCAN_HEAP);
      expect(new Set(Object.values(proxies))).toEqual(new Set(['http://127.0.0.1:9']));
      expect(Object.keys(proxies).sort()).toEqual([
        'ALL_PROXY',
        'HTTPS_PROXY',
        'HTTP_PROXY',
        'http_proxy',
        'https_proxy',
      ]);
    },
  );
});

describe('a value that means something to a shell', () => {
  const marker = join(folder, 'executed');
  const VALUES = [
    `$(touch ${marker})`,
    `\`touch ${marker}\``,
    `"; touch ${marker}; "`,
    `'; touch ${marker}; '`,
    `x\ntouch ${marker}\n`,
    `| touch ${marker}`,
    'a  b\tc * ?',
    `\${IFS}touch\${IFS}${marker}`,
    `\\$(touch ${marker})`,
    `}; touch ${marker}; {`,
  ];

  test.each(VALUES)('names no image, and is nothing else: %j', value => {
    const run = build({}, { variables: { IMAGE_REFERENCE: value } });
    expect(existsSync(marker)).toBe(false);
    expect(run.status).toBe(0);
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'read', exitCode: 1 } });
    expect(scanned(run)).toBe(false);
  });

  test.each([...VALUES, '', '../../01JDGZ0000000000000000TEST', '.'])(
    'is no scan id, and the build fails: %j',
    value => {
      const run = build({}, { variables: { SCAN_ID: value } });
      expect(existsSync(marker)).toBe(false);
      expect(run).toMatchObject({ status: 1, exported: '' });
      expect(run.stderr).toMatch(/^SCAN_ID is ".*", allowed: a ULID/);
      expect(scanned(run)).toBe(false);
    },
  );

  test.each(VALUES)('is the value of a variable and nothing else: %j', value => {
    const run = build({}, { variables: { HTTPS_PROXY: value, AWS_SESSION_TOKEN: value } });
    expect(existsSync(marker)).toBe(false);
    expect(run.environmentOf('download')).toMatchObject({ HTTPS_PROXY: value, AWS_SESSION_TOKEN: value });
  });

  test('a folder with a space in its name is one folder', () => {
    const run = build({}, { source: join(folder, 'with space', 'src') });
    expect(run.status).toBe(0);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });
});

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Limit } from '../../src/core/limits';
import { readChecksums } from '../../src/core/scanning/provenance';
import {
  classifyFailure,
  readCoverage,
  readScannerRun,
  readScannerVersion,
} from '../../src/core/scanning/scan-outcome';
import { ALLOW_RULES, SCAN_HEAP } from '../../src/core/scanning/trivy-flags';
import { OVERTIME_SECONDS, scanBuildspec, type ScanScript } from '../../src/scanning/buildspec';

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:' + 'a'.repeat(64);
const SCAN_ID = '01JDGZ0000000000000000TEST';

const folder = mkdtempSync(join(tmpdir(), 'scan-script-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What each program was given is kept beside it; what it does is told by variables of the test. */
const KEEP = (kept: string, name: string) =>
  `kept='${kept}'; env -0 > "$kept/${name}.env"; printf '%s\\0' "$@" > "$kept/${name}.arguments"`;

interface Behaviour {
  readonly exitCode?: number;
  readonly errors?: string;
  readonly sleeps?: number;
  readonly convertExitCode?: number;
  /** Of the reader of images, and what it writes. */
  readonly reads?: {
    readonly exitCode?: number;
    readonly form?: string;
    readonly errors?: string;
    readonly sleeps?: number;
  };
  /** Of the same program, after the scan. */
  readonly accounts?: { readonly exitCode?: number; readonly errors?: string; readonly sleeps?: number };
  /** The scan goes on when the version is asked. */
  readonly meets?: boolean;
  /** Of the download of the database, and of the Java database. */
  readonly downloads?: number;
  readonly downloadsJava?: number;
  /** How often registries answer a download with 429 before that; waits for it are kept and take no time. */
  readonly throttles?: number;
  /** The first wait for a registry has no end, and the reader of images ends only after it has begun. */
  readonly waitsForEver?: boolean;
}

/** What Trivy said when both of its registries answered 429. */
const THROTTLED = readFileSync(join(__dirname, '../reports/errors/download-429.txt'), 'utf8').replaceAll(
  "'",
  '',
);
const FORM = '{"version":1,"javaArchives":false}';
const ACCOUNTING = '{"version":1}';

/** Trivy and the reader of images as far as the script knows them. */
function fakePrograms(
  bin: string,
  source: string,
  {
    exitCode = 0,
    errors = '',
    sleeps = 0,
    convertExitCode = 0,
    reads = {},
    accounts = {},
    meets = false,
    downloads = 0,
    downloadsJava = 0,
    throttles = 0,
    waitsForEver = false,
  }: Behaviour,
): void {
  mkdirSync(bin, { recursive: true });
  const [waiting, ending] = ['waiting', 'ending'].map(name => join(bin, name)) as [string, string]; // pipes
  if (waitsForEver) spawnSync('mkfifo', [waiting, ending]);
  if (throttles > 0) {
    writeFileSync(
      join(bin, 'sleep'),
      `#!/bin/sh
echo "$1" >> '${bin}/waits'; ${waitsForEver ? `echo $$ > '${bin}/waiter'; : > '${waiting}'; exec cat '${ending}'` : ''}
`,
      { mode: 0o755 },
    );
  }
  const meeting = join(bin, 'meeting'); // a pipe: who opens it waits for the other end
  if (meets) spawnSync('mkfifo', [meeting]);
  mkdirSync(join(source, 'amd64'), { recursive: true });
  writeFileSync(
    join(bin, 'trivy'),
    `#!/bin/sh
name=$1; case "$*" in *--download-db-only*) name=download ;; *--download-java-db-only*) name=java ;; esac
PATH=/usr/bin:/bin; ${KEEP(bin, '$name')}; cp trivy.yaml "$kept" 2> /dev/null; ls -A > "$kept/$name.files"; cat secrets-*.yaml > "$kept/secrets"
case $name in download | java)
  echo >> "$kept/$name.tries"; [ $(wc -l < "$kept/$name.tries") -gt ${throttles} ] || { printf '%s' '${THROTTLED}' >&2; exit 1; } ;;
esac
case $name in
  download) printf 'FATAL download' >&2; exit ${downloads} ;;
  java) printf 'FATAL java' >&2; exit ${downloadsJava} ;;
  image) ${sleeps > 0 ? `exec sleep ${sleeps};` : ''} ${meets ? `cat '${meeting}';` : ''} printf '%s' '${errors}' >&2; [ ${exitCode} -ne 0 ] || printf '{"ArtifactName":"x"}' > report.json; exit ${exitCode} ;;
  version) ${meets ? `: > '${meeting}';` : ''} printf '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"2026-11-20T00:00:00Z"}}' ;;
  convert) [ ${convertExitCode} -ne 0 ] || printf '{"bomFormat":"CycloneDX"}' > sbom.cdx.json; exit ${convertExitCode} ;;
esac
`,
  );
  const form = reads.form ?? FORM;
  writeFileSync(
    join(source, 'amd64', 'normal-form'),
    `#!/bin/sh
name=read; [ "$1" != account ] || name=account
PATH=/usr/bin:/bin; ${KEEP(bin, '$name')}
if [ $name = account ]; then
  ls -A form report.json > "$kept/account.files"; ${accounts.sleeps === undefined ? '' : `exec sleep ${accounts.sleeps};`} printf '%s' '${accounts.errors ?? ''}' >&2
  [ ${accounts.exitCode ?? 0} -ne 0 ] || printf '%s' '${ACCOUNTING}' > form/accounting.json; exit ${accounts.exitCode ?? 0}
fi
${reads.sleeps === undefined ? '' : `exec sleep ${reads.sleeps};`} ${waitsForEver ? `cat '${waiting}';` : ''} mkdir -p form/image; ${form === '' ? '' : `printf '%s' '${form}' > form/form.json;`} printf '%s' '${reads.errors ?? ''}' >&2; exit ${reads.exitCode ?? 0}
`,
  );
  chmodSync(join(bin, 'trivy'), 0o755);
}

/** The script for the reader that lies in this source. */
function scriptFor(source: string, changes: Partial<ScanScript> = {}): ScanScript {
  const program = readFileSync(join(source, SCRIPT.reader.path));
  return { ...SCRIPT, reader: { ...SCRIPT.reader, sha256: sha256(program) }, ...changes };
}

const MACHINE = spawnSync('uname', ['-m'], { encoding: 'utf8' }).stdout.trim();

const SCRIPT: ScanScript = {
  seconds: 840,
  databases: {
    vulnerabilities: ['public.ecr.aws/aquasecurity/trivy-db:2'],
    java: ['public.ecr.aws/aquasecurity/trivy-java-db:1'],
  },
  mirrors: { 'docker.io': ['mirror.example.com:5000'] },
  reader: { machine: MACHINE, path: 'amd64/normal-form', sha256: '0'.repeat(64) },
  secretSearch: 'APPLICATION',
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

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let runs = 0;

/** The build as CodeBuild does it: the command in a shell of its own, then the exported variable is read. */
function build(
  behaviour: Behaviour = {},
  variables: Record<string, string> = {},
  changes: Partial<ScanScript> = {},
  source = join(folder, String(runs++), 'src'),
): Run {
  const bin = join(source, '..', 'bin');
  fakePrograms(bin, source, behaviour);
  const script = scriptFor(source, changes);
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${commandOf(script)}\nprintf 'EXPORTED=%s' "$SUMS_SHA256"`],
    {
      cwd: source,
      encoding: 'utf8',
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        CODEBUILD_SRC_DIR: source,
        IMAGE_REFERENCE: IMAGE,
        SCAN_ID,
        ...variables,
      },
    },
  );
  const out = join(source, (scanBuildspec(script) as any).artifacts['base-directory']);
  const split = (file: string) => readFileSync(join(bin, file), 'utf8').split('\0').slice(0, -1);
  return {
    status,
    stderr,
    bin,
    out,
    exported: /EXPORTED=(.*)$/s.exec(stdout)?.[1] ?? '',
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

function commandOf(script: ScanScript): string {
  return (scanBuildspec(script) as any).phases.build.commands.join('\n');
}

describe('the buildspec', () => {
  test('is one command, exports the checksum, and uploads one folder', () => {
    expect(scanBuildspec(SCRIPT)).toMatchObject({
      version: '0.2',
      env: { 'exported-variables': ['SUMS_SHA256'] },
      phases: { build: { commands: [expect.any(String)] } },
      artifacts: { 'base-directory': 'out', files: ['*'] },
    });
  });

  test('is POSIX shell', () => {
    for (const shell of ['sh', 'dash'].filter(name => spawnSync(name, ['-c', ':']).status === 0)) {
      expect(spawnSync(shell, ['-n'], { input: commandOf(SCRIPT), encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
    expect(commandOf(SCRIPT)).not.toMatch(/\[\[|<<<|\bfunction\b|\blocal\b|\$'|pipefail/);
  });

  test('goes on no longer than it says when its time is up: a last second each for the steps that come after it, one that is killed, and the version', () => {
    const limits = [...commandOf(SCRIPT).matchAll(/timeout -k (\d+) (\S+) /g)].map(([, grace, seconds]) => ({
      grace: Number(grace),
      seconds: seconds!,
    }));
    const [version, ...others] = limits.filter(({ seconds }) => !['840', '$(left)'].includes(seconds));
    expect(others).toEqual([]);
    const late = limits.filter(({ seconds }) => seconds === '$(left)');
    const killed = Math.max(...limits.filter(each => each !== version).map(({ grace }) => grace));
    expect(late.length + killed + Number(version?.seconds) + version!.grace).toBe(OVERTIME_SECONDS);
  });

  test('is the same text for the same scan: the evaluator compares its hash', () => {
    expect(commandOf({ ...SCRIPT })).toBe(commandOf(SCRIPT));
    expect(commandOf({ ...SCRIPT, seconds: 841 })).not.toBe(commandOf(SCRIPT));
  });
});

describe('a scan that went well', () => {
  const run = build({ errors: 'WARN something' }, { AWS_REGION: 'eu-west-1' });

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
    expect(run.file('form.json').toString()).toBe(FORM);
    expect(run.file('accounting.json').toString()).toBe(ACCOUNTING);
    expect(gunzipSync(run.file('report.json.gz')).toString()).toBe('{"ArtifactName":"x"}');
    expect(gunzipSync(run.file('sbom.cdx.json.gz')).toString()).toBe('{"bomFormat":"CycloneDX"}');
    expect(run.file('trivy.err').toString()).toBe('WARN something');
  });

  test('what it leaves is what the evaluator reads', () => {
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({
      ok: true,
      value: { step: 'account', exitCode: 0 },
    });
    expect(readScannerVersion(run.file('version.json').toString())).toMatchObject({
      ok: true,
      value: { version: '0.74.0' },
    });
  });

  test('Trivy is asked for its version while it scans', () => {
    const beside = build({ meets: true }, {}, { seconds: 5 });
    expect(readScannerRun(beside.file('run.json').toString())).toMatchObject({
      ok: true,
      value: { step: 'account', exitCode: 0 },
    });
    expect(readScannerVersion(beside.file('version.json').toString())).toMatchObject({ ok: true });
  });

  test('every file but the checksums is in the checksums, and the exported variable is theirs', () => {
    const sums = readChecksums(run.file('SHA256SUMS').toString());
    const files = readdirSync(run.out).filter(name => name !== 'SHA256SUMS');
    expect(sums).toMatchObject({ ok: true });
    expect(Object.fromEntries(sums.ok ? sums.value : [])).toEqual(
      Object.fromEntries(files.map(name => [name, sha256(run.file(name))])),
    );
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('the reader is asked for this image by its digest, with limits, and writes beside what Trivy reads', () => {
    const [repository, digest] = IMAGE.split('@');
    expect(run.argumentsOf('read')).toEqual([
      `--max-bytes=${Limit.normalFormBytes}`,
      `--max-entries=${Limit.imageFiles}`,
      digest,
      'form',
      repository,
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
    const java = build({ reads: { form: '{"version":1,"javaArchives":true}' } });
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
    expect(given.some(each => each.includes('amazonaws.com'))).toBe(false);
    expect(JSON.parse(readFileSync(join(run.bin, 'trivy.yaml'), 'utf8'))).toEqual({
      registry: { mirrors: { 'docker.io': ['mirror.example.com:5000'] } },
    });
  });

  test("secrets are searched in every file that is not the distribution's, or in all of them", () => {
    const rules = ({ bin }: Run) => JSON.parse(readFileSync(join(bin, 'secrets'), 'utf8'));
    expect(rules(run)).toEqual({ 'skip-patterns': [], 'disable-allow-rules': [...ALLOW_RULES.application] });
    expect(rules(build({}, {}, { secretSearch: 'EVERYWHERE' }))['disable-allow-rules']).toEqual([
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

  test('rule 5.9, what was scanned is what runs: the reader matches the report with what the image declares, by the database of the scan', () => {
    expect(run.argumentsOf('account')).toEqual([
      'account',
      '--advisories=../cache/db/trivy.db',
      'form',
      'report.json',
    ]);
    expect(readFileSync(join(run.bin, 'account.files'), 'utf8')).toContain('report.json');
  });

  test('without mirrors it has no configuration at all', () => {
    const bare = build({}, {}, { mirrors: {} });
    expect(existsSync(join(bare.bin, 'trivy.yaml'))).toBe(false);
    expect(readFileSync(join(bare.bin, 'image.files'), 'utf8').split('\n').filter(Boolean).sort()).toEqual([
      'form',
      'none',
      `secrets-${SCAN_ID}.yaml`,
    ]);
  });

  test('Trivy starts in a folder that holds the form, its configuration and an empty ignore file', () => {
    expect(readFileSync(join(run.bin, 'image.files'), 'utf8').split('\n').filter(Boolean).sort()).toEqual([
      'form',
      'none',
      `secrets-${SCAN_ID}.yaml`,
      'trivy.yaml',
    ]);
  });
});

describe('rule 5.2, provenance: the reader of images', () => {
  test('that is not the one that was synthesised is not run, and the build fails', () => {
    const run = build({}, {}, { reader: { ...SCRIPT.reader, sha256: 'f'.repeat(64) } });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('the reader of images is not the one that was synthesised');
    expect(existsSync(join(run.bin, 'read.arguments'))).toBe(false);
    expect(existsSync(join(run.bin, 'image.arguments'))).toBe(false);
  });

  test('is for the machine, or the build fails', () => {
    expect(build({}, {}, { reader: { ...SCRIPT.reader, machine: 'm68k' } })).toMatchObject({
      status: 1,
      stderr: `the reader of images is for m68k, and this machine is ${MACHINE}\n`,
    });
  });

  test.each([
    [
      'refuses the image',
      {
        exitCode: 3,
        form: '{"version":1,"failure":{"cause":"UNSCANNABLE","detail":"layer 1"}}',
        errors: 'layer 1',
      },
      ['SHA256SUMS', 'form.json', 'run.json', 'trivy.err', 'version.json'],
      3,
    ],
    [
      'crashes',
      { exitCode: 2, form: '', errors: 'panic: x' },
      ['SHA256SUMS', 'run.json', 'trivy.err', 'version.json'],
      2,
    ],
  ])('%s: Trivy sees nothing, and what was said is uploaded', (_, reads, files, exitCode) => {
    const run = build({ reads });
    expect(run.status).toBe(0);
    expect(readdirSync(run.out).sort()).toEqual(files);
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({
      ok: true,
      value: { step: 'read', exitCode },
    });
    expect(run.file('trivy.err').toString()).toBe(reads.errors);
    expect(existsSync(join(run.bin, 'image.arguments'))).toBe(false);
  });

  test('is ended when the time is up', () => {
    const run = build({ reads: { sleeps: 30 } }, {}, { seconds: 1 });
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({
      ok: true,
      value: { step: 'read', exitCode: 124 },
    });
  });
});

test.each([
  ['the database', { downloads: 1 }, 'FATAL download'],
  ['the Java database', { downloadsJava: 1, reads: { form: '{"javaArchives": true}' } }, 'FATAL java'],
])('where %s does not come, nothing is scanned', (_, behaviour, said) => {
  const run = build(behaviour);
  expect(readScannerRun(run.file('run.json').toString())).toMatchObject({
    ok: true,
    value: { step: 'download', exitCode: 1 },
  });
  expect(run.file('trivy.err').toString()).toBe(said);
  expect(existsSync(join(run.bin, 'image.arguments'))).toBe(false);
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

describe('a scan that did not', () => {
  test.each([
    [1, 'FATAL Fatal error: 401 Unauthorized'],
    [2, 'panic: runtime error'],
    [137, ''],
  ])('exit code %d is in run.json, with what Trivy said, and the build ends well', (exitCode, errors) => {
    const run = build({ exitCode, errors });
    expect(run.status).toBe(0);
    expect(readdirSync(run.out).sort()).toEqual([
      'SHA256SUMS',
      'form.json',
      'run.json',
      'trivy.err',
      'version.json',
    ]);
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({
      ok: true,
      value: { step: 'scan', exitCode },
    });
    expect(run.file('trivy.err').toString()).toBe(errors);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('is ended when the time is up', () => {
    const run = build({ sleeps: 30 }, {}, { seconds: 2 });
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({
      ok: true,
      value: { step: 'scan', exitCode: 124 },
    });
  });

  test.each<[string, Behaviour['accounts'] & object, number, string]>([
    ['fails', { exitCode: 1, errors: 'report.json cannot be read' }, 1, 'report.json cannot be read'],
    ['crashes', { exitCode: 2, errors: 'panic: x' }, 2, 'panic: x'],
    ['is late', { sleeps: 30 }, 124, ''],
  ])('the accounting %s: no report is uploaded, and what was said is', (_, accounts, exitCode, errors) => {
    const run = build(
      { accounts, errors: 'INFO of Trivy' },
      {},
      { seconds: accounts.sleeps === undefined ? 840 : 2 },
    );
    expect(run.status).toBe(0);
    expect(readdirSync(run.out).sort()).toEqual([
      'SHA256SUMS',
      'form.json',
      'run.json',
      'trivy.err',
      'version.json',
    ]);
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({
      ok: true,
      value: { step: 'account', exitCode },
    });
    expect(run.file('trivy.err').toString()).toBe(errors);
  });

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
    const source = join(folder, 'twice', 'src');
    build({}, {}, {}, source);
    writeFileSync(join(source, 'out', 'left.gz'), 'left');
    writeFileSync(join(source, 'scan', 'empty', '.trivyignore'), 'CVE-2021-44228');
    const run = build({ exitCode: 1 }, {}, {}, source);
    expect(readdirSync(run.out).sort()).toEqual([
      'SHA256SUMS',
      'form.json',
      'run.json',
      'trivy.err',
      'version.json',
    ]);
    expect(readFileSync(join(run.bin, 'image.files'), 'utf8')).not.toContain('.trivyignore');
  });
});

describe('a registry that answers 429', () => {
  const waitsOf = ({ bin }: Run) =>
    existsSync(join(bin, 'waits'))
      ? readFileSync(join(bin, 'waits'), 'utf8').trim().split('\n').map(Number)
      : [];
  const triesOf = ({ bin }: Run, what: string) => readFileSync(join(bin, `${what}.tries`), 'utf8').length;
  const ended = (run: Run) => readScannerRun(run.file('run.json').toString());

  test('is asked again, later each time and not when others are, and the scan goes on', () => {
    const run = build({ throttles: 3 });
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'account', exitCode: 0 } });
    expect(triesOf(run, 'download')).toBe(4);
    const waits = waitsOf(run);
    expect(waits).toHaveLength(3);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(2 * 2 ** index);
      expect(wait).toBeLessThan(4 * 2 ** index);
    }
  });

  test('is asked again for the Java database too', () => {
    const run = build({ throttles: 1, reads: { form: '{"version":1,"javaArchives":true}' } });
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'account', exitCode: 0 } });
    expect(triesOf(run, 'java')).toBe(2);
    expect(waitsOf(run)).toHaveLength(2);
  });

  test('is left alone while there is still time to scan, and the failed scan says why', () => {
    const run = build({ throttles: 1000 });
    const waits = waitsOf(run);
    expect(waits.length).toBe(triesOf(run, 'download') - 1);
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThan(SCRIPT.seconds / 2);
    const result = ended(run);
    expect(result).toMatchObject({ ok: true, value: { step: 'download', exitCode: 1 } });
    if (!result.ok) throw new Error(result.error.detail);
    expect(classifyFailure(result.value, run.file('trivy.err').toString())).toMatchObject({
      cause: 'DATABASE_THROTTLED',
      detail: expect.stringMatching(/TOOMANYREQUESTS: Rate exceeded$/),
    });
  });

  test('any other failure of a download ends it at once', () => {
    const run = build({ throttles: 1, downloads: 1 });
    expect(triesOf(run, 'download')).toBe(2);
    expect(waitsOf(run)).toHaveLength(1);
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'download', exitCode: 1 } });
  });

  test('nothing waits any more when the image could not be read', () => {
    const run = build({ throttles: 1000, waitsForEver: true, reads: { exitCode: 1 } });
    expect(ended(run)).toMatchObject({ ok: true, value: { step: 'read', exitCode: 1 } });
    const waiter = readFileSync(join(run.bin, 'waiter'), 'utf8').trim();
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', waiter], { encoding: 'utf8' });
    expect(stdout.trim()).toMatch(/^(?:Z.*)?$/);
  });
});

describe('the environment of programs', () => {
  const kept = {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/x',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/run/token',
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
  };
  const run = build({}, { ...kept, ...dropped });
  const own = ({ PWD: _pwd, OLDPWD: _oldpwd, SHLVL: _level, _: _self, ...given }: Record<string, string>) =>
    given; // set by the fake's own shell

  test.each(['read', 'download'])(
    '%s, which talks to registries, gets the variables that are listed, and no others',
    command => {
      const { PATH: _path, ...given } = own(run.environmentOf(command));
      expect(given).toEqual({ ...kept, HOME: join(run.out, '..', 'scan') });
    },
  );

  test.each(['image', 'version', 'convert', 'account'])(
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

  test('LD_PRELOAD reaches nobody', () => {
    const preloaded = build({}, { LD_PRELOAD: '/nowhere/evil.so' });
    for (const command of ['read', 'download', 'image']) {
      expect(preloaded.environmentOf(command).LD_PRELOAD).toBeUndefined();
    }
  });
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

  test.each(VALUES)('is an argument and nothing else: %j', value => {
    const run = build({}, { IMAGE_REFERENCE: value });
    expect(existsSync(marker)).toBe(false);
    expect(run.argumentsOf('read').slice(2)).toEqual([
      value.slice(value.lastIndexOf('@') + 1),
      'form',
      value.replace(/@[^@]*$/, ''),
    ]);
  });

  test.each(VALUES)("is part of a file's name and nothing else: %j", value => {
    const run = build({}, { SCAN_ID: value });
    expect(existsSync(marker)).toBe(false);
    expect(run.status).toBe(0);
  });

  test.each(VALUES)('is the value of a variable and nothing else: %j', value => {
    const run = build({}, { HTTPS_PROXY: value, AWS_SESSION_TOKEN: value });
    expect(existsSync(marker)).toBe(false);
    expect(run.environmentOf('read')).toMatchObject({ HTTPS_PROXY: value, AWS_SESSION_TOKEN: value });
  });

  test('a folder with a space in its name is one folder', () => {
    const run = build({}, {}, {}, join(folder, 'with space', 'src'));
    expect(run.status).toBe(0);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });
});

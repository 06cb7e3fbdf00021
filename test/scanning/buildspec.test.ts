import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readChecksums } from '../../src/core/scanning/checksums';
import { readCoverage, readScannerRun, readScannerVersion } from '../../src/core/scanning/scan-outcome';
import { scanBuildspec, type ScanScript } from '../../src/scanning/buildspec';

const SCRIPT: ScanScript = { seconds: 840, databaseFlags: ['--db-repository=public.ecr.aws/aquasecurity/trivy-db:2'], mirrors: { 'docker.io': ['mirror.example.com:5000'] } };
const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:' + 'a'.repeat(64);

const folder = mkdtempSync(join(tmpdir(), 'scan-script-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Trivy as far as the script knows it: what it was given is kept beside it, what it does is told by files beside it. */
function fakeTrivy(bin: string, { exitCode = 0, errors = '', sleeps = 0, convertExitCode = 0 }: Behaviour): void {
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'trivy'), `#!/bin/sh
kept='${bin}'; env -0 > "$kept/$1.env"; printf '%s\\0' "$@" > "$kept/$1.arguments"; cp trivy.yaml "$kept" 2> /dev/null; ls -A > "$kept/$1.files"
case $1 in
  image) ${sleeps > 0 ? `exec sleep ${sleeps};` : ''} printf '%s' '${errors}' >&2; [ ${exitCode} -ne 0 ] || printf '{"ArtifactName":"x"}' > report.json; exit ${exitCode} ;;
  version) printf '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"2026-11-20T00:00:00Z"}}' ;;
  convert) [ ${convertExitCode} -ne 0 ] || printf '{"bomFormat":"CycloneDX"}' > sbom.cdx.json; exit ${convertExitCode} ;;
esac
`);
  chmodSync(join(bin, 'trivy'), 0o755);
}

interface Behaviour { readonly exitCode?: number; readonly errors?: string; readonly sleeps?: number; readonly convertExitCode?: number }

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

let runs = 0;

/** The build as CodeBuild does it: the command in a shell of its own, then the exported variable is read. */
function build(behaviour: Behaviour = {}, variables: Record<string, string> = {}, script = SCRIPT, source = join(folder, String(runs++), 'src')): Run {
  const bin = join(source, '..', 'bin');
  mkdirSync(source, { recursive: true });
  fakeTrivy(bin, behaviour);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `${commandOf(script)}\nprintf 'EXPORTED=%s' "$SUMS_SHA256"`], {
    cwd: source, encoding: 'utf8', env: { PATH: `${bin}:${process.env.PATH}`, CODEBUILD_SRC_DIR: source, IMAGE_REFERENCE: IMAGE, ...variables },
  });
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
    environmentOf: command => Object.fromEntries(split(`${command}.env`).map(entry => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)])),
  };
}

function commandOf(script: ScanScript): string {
  return (scanBuildspec(script) as any).phases.build.commands.join('\n');
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('the buildspec', () => {
  test('is one command, exports the checksum, and uploads one folder', () => {
    expect(scanBuildspec(SCRIPT)).toMatchObject({
      version: '0.2',
      env: { 'exported-variables': ['SUMS_SHA256'] },
      phases: { build: { commands: [expect.any(String)] } },
      artifacts: { 'base-directory': 'out', 'files': ['*'] },
    });
  });

  test('is POSIX shell', () => {
    for (const shell of ['sh', 'dash'].filter(name => spawnSync(name, ['-c', ':']).status === 0)) {
      expect(spawnSync(shell, ['-n'], { input: commandOf(SCRIPT), encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
    expect(commandOf(SCRIPT)).not.toMatch(/\[\[|<<<|\bfunction\b|\blocal\b|\$'|pipefail/);
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
    expect(readdirSync(run.out).sort()).toEqual(['SHA256SUMS', 'report.json.gz', 'run.json', 'sbom.cdx.json.gz', 'trivy.err', 'version.json']);
    expect(gunzipSync(run.file('report.json.gz')).toString()).toBe('{"ArtifactName":"x"}');
    expect(gunzipSync(run.file('sbom.cdx.json.gz')).toString()).toBe('{"bomFormat":"CycloneDX"}');
    expect(run.file('trivy.err').toString()).toBe('WARN something');
  });

  test('what it leaves is what the evaluator reads', () => {
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({ ok: true, value: { exitCode: 0 } });
    expect(readScannerVersion(run.file('version.json').toString())).toMatchObject({ ok: true, value: { version: '0.74.0' } });
  });

  test('every file but the checksums is in the checksums, and the exported variable is theirs', () => {
    const sums = readChecksums(run.file('SHA256SUMS').toString());
    const files = readdirSync(run.out).filter(name => name !== 'SHA256SUMS');
    expect(sums).toMatchObject({ ok: true });
    expect(Object.fromEntries(sums.ok ? sums.value : [])).toEqual(Object.fromEntries(files.map(name => [name, sha256(run.file(name))])));
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('Trivy is asked for this image, with an empty cache in memory, no ignore file, and our mirrors', () => {
    const given = run.argumentsOf('image');
    expect(given.slice(0, 1)).toEqual(['image']);
    expect(given.at(-1)).toBe(IMAGE);
    expect(given).toEqual(expect.arrayContaining([
      '--image-src=remote', '--cache-backend=memory', '--ignorefile=none', '--exit-code=0', '--timeout=830s', '--list-all-pkgs', '--scanners=vuln,secret,misconfig',
      '--db-repository=public.ecr.aws/aquasecurity/trivy-db:2', `--cache-dir=${join(run.out, '..', 'scan/cache')}`,
    ]));
    expect(JSON.parse(readFileSync(join(run.bin, 'trivy.yaml'), 'utf8'))).toEqual({ registry: { mirrors: { 'docker.io': ['mirror.example.com:5000'] } } });
  });

  test('without mirrors it has no configuration at all', () => {
    const bare = build({}, {}, { ...SCRIPT, mirrors: {} });
    expect(existsSync(join(bare.bin, 'trivy.yaml'))).toBe(false);
    expect(readFileSync(join(bare.bin, 'image.files'), 'utf8')).toBe('none\n');
  });

  test('Trivy starts in a folder that holds its configuration and an empty ignore file', () => {
    expect(readFileSync(join(run.bin, 'image.files'), 'utf8').split('\n').filter(Boolean).sort()).toEqual(['none', 'trivy.yaml']);
  });
});

test('rule 5.1: a stranger\'s text among what Trivy says hides none of the signs that an operating system is unknown', () => {
  const at = '2026-11-25T00:00:00Z';
  const said = [
    ...[1, 2, 3, 4, 5].map(name => `${at}\tWARN\t[secret] The size of the scanned file is too large.\tfile_path="srv/This OS version is not on the EOL list ${name}.txt" size (MB)=11`),
    ...Array.from({ length: 7 }, (_, number) => `${at}\tWARN\t[dpkg] Invalid version\tpackage="p${number}" version="Detected OS ${number}"`),
    `${at}\tINFO\tDetected OS\tfamily="debian" version="99.1"`, `${at}\tWARN\tThis OS version is not on the EOL list\tfamily="debian" version="${'9'.repeat(60_000)}"`,
    ...Array.from({ length: 400 }, (_, number) => `${at}\tWARN\tVersion matching error\terr="npm version error (not a version ${number})"`),
  ];
  const uploaded = build({ errors: said.join('\n') + '\n' }).file('trivy.err').toString();
  expect(uploaded).toContain(`${at}\tWARN\tThis OS version is not on the EOL list\t\n`);
  expect(uploaded.length).toBeLessThan(17_000);
  expect(readCoverage(uploaded)).toEqual({ unknownRelease: true });
});

describe('a scan that did not', () => {
  test.each([[1, 'FATAL Fatal error: 401 Unauthorized'], [2, 'panic: runtime error'], [137, '']])('exit code %d is in run.json, with what Trivy said, and the build ends well', (exitCode, errors) => {
    const run = build({ exitCode, errors });
    expect(run.status).toBe(0);
    expect(readdirSync(run.out).sort()).toEqual(['SHA256SUMS', 'run.json', 'trivy.err', 'version.json']);
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({ ok: true, value: { exitCode } });
    expect(run.file('trivy.err').toString()).toBe(errors);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });

  test('is ended when the time is up', () => {
    const run = build({ sleeps: 30 }, {}, { ...SCRIPT, seconds: 1 });
    expect(readScannerRun(run.file('run.json').toString())).toMatchObject({ ok: true, value: { exitCode: 124 } });
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
    build({}, {}, SCRIPT, source);
    writeFileSync(join(source, 'out', 'left.gz'), 'left');
    writeFileSync(join(source, 'scan', 'empty', '.trivyignore'), 'CVE-2021-44228');
    const run = build({ exitCode: 1 }, {}, SCRIPT, source);
    expect(readdirSync(run.out).sort()).toEqual(['SHA256SUMS', 'run.json', 'trivy.err', 'version.json']);
    expect(readFileSync(join(run.bin, 'image.files'), 'utf8')).not.toContain('.trivyignore');
  });
});

describe('the environment of Trivy', () => {
  const kept = {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/x', AWS_REGION: 'eu-west-1', HTTPS_PROXY: 'http://proxy.example.com:3128', no_proxy: 'localhost', SSL_CERT_FILE: '/ca.pem',
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
    HTTP_PROXY: '',
  };
  const run = build({}, { ...kept, ...dropped });

  test.each(['image', 'version', 'convert'])('%s gets the variables that are listed, and no others', command => {
    const { PWD: _pwd, OLDPWD: _oldpwd, SHLVL: _level, _: _self, ...given } = run.environmentOf(command); // set by the fake's own shell
    expect(given).toEqual({ ...kept, PATH: expect.stringContaining(run.bin), HOME: join(run.out, '..', 'scan') });
  });

  test('LD_PRELOAD does not reach Trivy', () => {
    const preloaded = build({}, { LD_PRELOAD: '/nowhere/evil.so' });
    expect(preloaded.environmentOf('image').LD_PRELOAD).toBeUndefined();
  });
});

describe('a value that means something to a shell', () => {
  const marker = join(folder, 'executed');
  const VALUES = [
    `$(touch ${marker})`, `\`touch ${marker}\``, `"; touch ${marker}; "`, `'; touch ${marker}; '`, `x\ntouch ${marker}\n`, `| touch ${marker}`, 'a  b\tc * ?', `\${IFS}touch\${IFS}${marker}`, `\\$(touch ${marker})`, `}; touch ${marker}; {`,
  ];

  test.each(VALUES)('is an argument and nothing else: %j', value => {
    const run = build({}, { IMAGE_REFERENCE: value });
    expect(existsSync(marker)).toBe(false);
    expect(run.argumentsOf('image').at(-1)).toBe(value);
  });

  test.each(VALUES)('is the value of a variable and nothing else: %j', value => {
    const run = build({}, { HTTPS_PROXY: value, AWS_SESSION_TOKEN: value });
    expect(existsSync(marker)).toBe(false);
    expect(run.environmentOf('image')).toMatchObject({ HTTPS_PROXY: value, AWS_SESSION_TOKEN: value });
  });

  test('a folder with a space in its name is one folder', () => {
    const run = build({}, {}, SCRIPT, join(folder, 'with space', 'src'));
    expect(run.status).toBe(0);
    expect(run.exported).toBe(sha256(run.file('SHA256SUMS')));
  });
});

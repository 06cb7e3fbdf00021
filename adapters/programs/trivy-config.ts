import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findProgram, isPath } from './find-program';
import { runProcess } from './process';
import { inScratch } from './scratch';
import { Trivy } from './trivy';
import { SCAN_HEAP } from '../../src/core/scanning/trivy-flags';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';
import type { Caller } from '../caller';

const ARGUMENTS = [
  'config',
  '--skip-check-update',
  '--skip-version-check',
  '--disable-telemetry',
  '--quiet',
  '--format=json',
  '--exit-code=0',
  '--cache-dir=../cache',
  '--output=../report.json', // what it prints is cut
];

/**
 * The report of `trivy config` on one Dockerfile, by the checks that are built into Trivy. Trivy sees a copy,
 * alone in an empty folder and with no environment: a `.trivyignore`, a `trivy.yaml` or a `TRIVY_*` variable
 * would change the answer. Comments in the text can change it too: take them out first.
 */
export async function runTrivyConfig(text: string, name: string, caller: Caller): Promise<string> {
  return (await run([{ name: 'Dockerfile', text }], name, [], caller)).report;
}

/** The same on manifests of Kubernetes, each in a file of its own. */
export function runTrivyOnManifests(files: readonly File[], name: string, caller: Caller): Promise<Checked> {
  return run(files, name, ['--misconfig-scanners=kubernetes'], caller);
}

interface File {
  readonly name: string;
  readonly text: string;
}

interface Checked {
  /** Of Trivy. */
  readonly version: string;
  readonly report: string;
}

async function run(
  files: readonly File[],
  name: string,
  more: readonly string[],
  caller: Caller,
): Promise<Checked> {
  const trivy = isPath(name)
    ? resolve(caller.cwd, name)
    : (findProgram(name, caller.environment, caller) ?? name);
  // it throws unless this Trivy is one that deployed scans use
  const version = await new Trivy(trivy, caller.environment).version();
  return inScratch(async home => {
    const cwd = join(home, 'files');
    await mkdir(cwd);
    for (const file of files) await writeFile(join(cwd, file.name), file.text);
    const { code, stderr } = await runProcess(trivy, [...ARGUMENTS, ...more, '.'], {
      cwd,
      environment: { ...SCAN_HEAP, HOME: home, TMPDIR: home },
      seconds: Seconds.trivyConfig,
    });
    if (code === 0) return { version, report: await readFile(join(home, 'report.json'), 'utf8') };
    throw new UserError(
      `${plainText(trivy, 300)} ended with ${code}: ${plainText(lastLine(stderr), 300)}; run "trivy config" on the file to see more`,
    );
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

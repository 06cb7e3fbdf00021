import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findProgram, isPath } from './find-program';
import { runProcess } from './process';
import { inScratch } from './scratch';
import { Trivy } from './trivy';
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
  '--format',
  'json',
  '--exit-code',
  '0',
  '--cache-dir',
  '../cache',
  '.',
];

/**
 * The report of `trivy config` on one Dockerfile, by the checks that are built into Trivy. Trivy sees a copy,
 * alone in an empty folder and with no environment: a `.trivyignore`, a `trivy.yaml` or a `TRIVY_*` variable
 * would change the answer. Comments in the text can change it too: take them out first.
 */
export async function runTrivyConfig(text: string, name: string, caller: Caller): Promise<string> {
  const trivy = isPath(name)
    ? resolve(caller.cwd, name)
    : (findProgram(name, caller.environment, caller) ?? name);
  // it throws unless this Trivy is one that deployed scans use
  await new Trivy(trivy, caller.environment).version();
  return inScratch(async home => {
    const cwd = join(home, 'file');
    await mkdir(cwd);
    await writeFile(join(cwd, 'Dockerfile'), text);
    const { code, stdout, stderr } = await runProcess(trivy, ARGUMENTS, {
      cwd,
      environment: { HOME: home, TMPDIR: home },
      seconds: Seconds.trivyConfig,
    });
    if (code === 0) return stdout;
    throw new UserError(
      `${plainText(trivy, 300)} ended with ${code}: ${plainText(lastLine(stderr), 300)}; run "trivy config" on the file to see more`,
    );
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

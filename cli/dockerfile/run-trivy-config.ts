import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findProgram, isPath } from '../../adapters/programs/find-program';
import { runProcess } from '../../adapters/programs/process';
import { inScratch } from '../../adapters/programs/scratch';
import { Trivy } from '../../adapters/programs/trivy';
import type { DockerfileFinding } from '../../dockerfile/checks/finding';
import { readTrivyConfig } from '../../dockerfile/trivy-config';
import { withoutIgnores } from '../../dockerfile/trivy-ignores';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';
import type { Cli } from '../shell/cli';

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
 * What the user's Trivy says of a Dockerfile, by the checks that are built into it. It sees a copy, alone in
 * an empty folder and with no environment: a `.trivyignore`, a `trivy.yaml` or a `TRIVY_*` variable would
 * change the answer. Comments that would do so are blunted.
 */
export async function runTrivyConfig(
  text: string,
  { trivy: name = 'trivy' }: { readonly trivy?: string },
  cli: Cli,
): Promise<DockerfileFinding[]> {
  const trivy = isPath(name) ? resolve(cli.cwd, name) : (findProgram(name, cli.environment, cli) ?? name);
  // it throws unless this one judges as the deployed one does
  await new Trivy(trivy, cli.environment).version();
  return inScratch(async home => {
    const cwd = join(home, 'file');
    await mkdir(cwd);
    await writeFile(join(cwd, 'Dockerfile'), withoutIgnores(text));
    const { code, stdout, stderr } = await runProcess(trivy, ARGUMENTS, {
      cwd,
      environment: { HOME: home, TMPDIR: home },
      seconds: Seconds.trivyConfig,
    });
    if (code !== 0) {
      throw new UserError(
        `${plainText(trivy, 300)} ended with ${code}: ${plainText(lastLine(stderr), 300)}; see what "trivy config" says of the file`,
      );
    }
    const findings = readTrivyConfig(stdout);
    return findings.ok
      ? findings.value
      : [
          {
            rule: 'unreadable',
            level: 'unclear',
            line: 1,
            message: `Trivy gave no answer: ${findings.error}`,
            remedy: 'see what "trivy config" says of the file',
            by: 'trivy',
          },
        ];
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

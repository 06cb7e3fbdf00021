import { open, stat, writeFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { runTrivyConfig } from '../../adapters/programs/trivy-config';
import type { DockerfileFinding, Level } from '../../dockerfile/checks/finding';
import { judgeDockerfile } from '../../dockerfile/judge';
import type { BuildOptions } from '../../dockerfile/reading/read-dockerfile';
import { dockerfileSarif, Outcome, reportOf } from '../../dockerfile/report';
import { withoutIgnores } from '../../dockerfile/trivy-ignores';
import { nameText, plainText, quoted } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';
import type { Cli } from '../shell/cli';
import { ExitCode } from '../shell/exit-code';
import { Style } from '../shell/output';

export interface ScanDockerfileOptions {
  /** The stage that becomes the image, as `docker build --target` takes it. */
  readonly target?: string;
  /** `NAME=value`, as `docker build --build-arg` takes it. */
  readonly buildArg?: readonly string[];
  /** A file, or `-` for stdout, which then has nothing else. */
  readonly json?: string;
  readonly sarif?: string;
  /** Which Trivy; the one on PATH if left out. */
  readonly trivy?: string;
}

/** Far more than any Dockerfile that people write. */
const MAX_BYTES = 1024 * 1024;
const CODES: Readonly<Record<Outcome, ExitCode>> = {
  PASS: ExitCode.trusted,
  FAIL: ExitCode.refused,
  ERROR: ExitCode.indeterminate,
};
const WORDS: Readonly<Record<Outcome, string>> = {
  PASS: 'nothing refused',
  FAIL: 'refused',
  ERROR: 'indeterminate',
};
const STYLES: Readonly<Record<Level, Style>> = { refused: 'red', unclear: 'yellow', warned: 'dim' };

/** `scan --dockerfile FILE`: our checks and Trivy's, as people read them, as JSON and as SARIF. */
export async function scanDockerfile(
  path: string,
  { target, buildArg = [], json, sarif, trivy = 'trivy' }: ScanDockerfileOptions,
  cli: Cli,
): Promise<ExitCode> {
  if (json === '-' && sarif === '-') {
    throw usageError(
      '--json - and --sarif - would print two documents into one another; give one of them a file',
    );
  }
  const options: BuildOptions = {
    ...(target !== undefined && { target }),
    buildArgs: readBuildArgs(buildArg),
  };
  const text = await readText(path, cli);
  const trivyReport = await runTrivyConfig(withoutIgnores(text), trivy, cli);
  const findings = judgeDockerfile(text, trivyReport, options);
  const report = reportOf(nameOf(path, cli), findings);
  if (json !== undefined) await write(json, report, cli);
  if (sarif !== undefined) await write(sarif, dockerfileSarif(report), cli);
  if (json === '-' || sarif === '-') return CODES[report.outcome];
  for (const finding of report.findings) print(report.file, finding, cli);
  cli.out.print(
    cli.out.styled(
      `${plainText(report.file, 300)}: ${WORDS[report.outcome]}${counts(report.findings)}`,
      'bold',
    ),
  );
  return CODES[report.outcome];
}

function readBuildArgs(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map(arg => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(arg) ?? [];
      if (name === undefined || value === undefined) {
        throw usageError(`--build-arg is ${quoted(arg, 100)}, allowed: NAME=value`);
      }
      return [name, value];
    }),
  );
}

function print(
  file: string,
  { rule, level, line, message, remedy, by }: DockerfileFinding,
  { out }: Cli,
): void {
  out.print(
    `${plainText(file, 300)}:${line}: ${out.styled(level, STYLES[level])} ${by === 'trivy' ? `Trivy ${plainText(rule, 300)}` : plainText(rule, 300)}: ${nameText(message, 300)}`,
  );
  out.print(`    ${nameText(remedy, 300)}`);
}

function counts(findings: readonly DockerfileFinding[]): string {
  const parts = (['refused', 'unclear', 'warned'] as const).flatMap(level => {
    const count = findings.filter(finding => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

async function readText(path: string, { cwd }: Cli): Promise<string> {
  try {
    // a pipe cannot be read twice, and one without a writer never ends
    if (!(await stat(resolve(cwd, path))).isFile()) {
      throw usageError(
        `${plainText(path, 300)} is not a file; write the Dockerfile to a file, and name that`,
      );
    }
    const file = await open(resolve(cwd, path));
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
      if (bytesRead > MAX_BYTES) {
        throw new UserError(
          `${plainText(path, 300)} has more than ${MAX_BYTES} bytes, allowed: ${MAX_BYTES}; name a Dockerfile`,
        );
      }
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${plainText(path, 300)} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}); name a Dockerfile`,
    );
  }
}

async function write(path: string, document: object, { cwd, out }: Cli): Promise<void> {
  if (path === '-') return out.printJson(document);
  try {
    await writeFile(resolve(cwd, path), `${JSON.stringify(document, undefined, 2)}\n`);
  } catch (error) {
    throw new UserError(
      `${plainText(path, 300)} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}); name a file in an existing folder`,
    );
  }
}

/** As code scanning needs it: relative to the folder in which the command runs, with slashes. */
function nameOf(path: string, { cwd }: Cli): string {
  const from = relative(cwd, resolve(cwd, path));
  return (from.startsWith('..') ? resolve(cwd, path) : from).split(sep).join('/');
}

import { spawn } from 'node:child_process';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment of the command; that of this process if left out. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** As a shell reports a command that is not there. */
export const NOT_FOUND = 127;

/** Run a program to its end. A code that is not 0 is an answer, not an exception. */
export function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.environment ?? process.env });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined); // a program that ends early has its say through its code
    child.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT'
        ? resolve({ code: NOT_FOUND, stdout: '', stderr: error.message })
        : reject(error),
    );
    child.on('close', code =>
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
    child.stdin.end(options.input);
  });
}

/** Run a program that has to succeed; `remedy` tells what to do when it does not. */
export async function mustRun(
  program: string,
  args: readonly string[],
  remedy: string,
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${code}: ${stderr.trim().slice(-1000)}; ${remedy}`,
    );
  }
  return stdout;
}

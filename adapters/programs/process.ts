import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { findProgram, isPath } from './find-program';
import { undoneAtEnd } from './unfinished';
import { LONGEST_SIGN, signIn, type ScannerSign } from '../../src/core/scanning/scanner-signs';
import { Seconds } from '../../src/core/times';

export interface Ended {
  /**
   * As `timeout` and shells say it: 124 when the time was up, 127 where there is no such program, above 128
   * what a signal ended.
   */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd: string;
  /** The whole of it. */
  readonly environment: Record<string, string>;
  readonly seconds: number;
  /** When nobody needs the program any more: it is killed, and what it says from then on is not read. */
  readonly unneeded?: AbortSignal;
}

const { signals } = constants;
const NOT_FOUND = 127;
const TIMED_OUT = 124;
const BY_SIGNAL = 128;
const MOST_STDOUT = 1024 * 1024;
/** Beyond it only what is looked for and the end are kept. */
const MOST_STDERR = 1024 * 1024;
const TAIL = 16_384;

/**
 * Runs a program to its end, by an array of arguments and without a shell. A name is a program on PATH,
 * wherever this runs.
 */
export async function runProcess(
  program: string,
  args: readonly string[],
  { cwd, environment, seconds, unneeded }: ProcessOptions,
): Promise<Ended> {
  const path = isPath(program) ? program : findProgram(program, environment);
  if (path === undefined) {
    return { code: NOT_FOUND, stdout: '', stderr: `there is no program ${program} on PATH` };
  }
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const done = undoneAtEnd(() => child.kill('SIGKILL'));
    let isLate = false;
    let kill: NodeJS.Timeout | undefined;
    const end = setTimeout(() => {
      isLate = true;
      child.kill('SIGTERM');
      kill = setTimeout(() => child.kill('SIGKILL'), Seconds.stepKillAfter * 1000);
    }, seconds * 1000);
    const killAtOnce = () => {
      child.kill('SIGKILL');
      child.stdout.destroy(); // a program that it started may hold it open
      child.stderr.destroy();
    };
    if (unneeded?.aborted === true) killAtOnce();
    unneeded?.addEventListener('abort', killAtOnce);
    const messages = new Messages();
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MOST_STDOUT) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => messages.add(text));
    const settled = () => {
      done();
      clearTimeout(end);
      clearTimeout(kill);
      unneeded?.removeEventListener('abort', killAtOnce);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      settled();
      if (error.code === 'ENOENT' || error.code === 'EACCES') {
        resolve({ code: NOT_FOUND, stdout: '', stderr: error.message });
      } else {
        reject(error);
      }
    });
    child.on('close', (code, signal) => {
      settled();
      resolve({
        code: isLate ? TIMED_OUT : (code ?? BY_SIGNAL + (signals[signal!] ?? 0)),
        stdout,
        stderr: messages.text,
      });
    });
  });
}

/**
 * What a program says on standard error. Where it says too much the end is kept, and what is looked for: a
 * stranger's text cannot push that out.
 */
class Messages {
  private readonly signs = new Map<ScannerSign, string>();
  private line = '';
  private rest = '';
  private isCut = false;

  public add(text: string): void {
    for (const [at, part] of text.split('\n').entries()) {
      if (at > 0) this.endLine();
      this.line += part.slice(0, Math.max(0, LONGEST_SIGN - this.line.length));
    }
    this.rest += text;
    if (this.rest.length <= MOST_STDERR) return;
    this.rest = this.rest.slice(-TAIL);
    this.isCut = true;
  }

  public get text(): string {
    this.endLine();
    return this.isCut ? [...this.signs.values(), this.rest].join('\n') : this.rest;
  }

  private endLine(): void {
    const sign = signIn(this.line);
    if (sign !== undefined && !this.signs.has(sign)) this.signs.set(sign, this.line);
    this.line = '';
  }
}

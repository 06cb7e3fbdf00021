import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { findProgram, isPath } from '../find-program';
import { undoneAtEnd } from '../unfinished';

export interface Ended {
  /** As `timeout` and shells say it: 124 when the time was up, 127 where there is no such program, above 128 what a signal ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd: string;
  /** The whole of it. */
  readonly environment: Record<string, string>;
  readonly seconds: number;
}

const { signals } = constants;
const NOT_FOUND = 127;
const TIMED_OUT = 124;
const BY_SIGNAL = 128;
const GRACE = 10_000;
const MOST_STDOUT = 1024 * 1024;
/** Beyond it only what is looked for and the end are kept. */
const MOST_STDERR = 1024 * 1024;
const TAIL = 16_384;

/** What is read of Trivy's messages, each looked for on its own as in the deployed scan: it quotes a stranger's text, by which one could push out another. */
const SIGNS = ['EOL list', 'Unsupported os', 'Detected OS'];
const PER_SIGN = 4;

/** Runs a program to its end, by an array of arguments and without a shell. A name is a program on PATH, wherever this runs. */
export async function runProcess(program: string, args: readonly string[], { cwd, environment, seconds }: ProcessOptions): Promise<Ended> {
  const path = isPath(program) ? program : findProgram(program, environment);
  if (path === undefined) return { code: NOT_FOUND, stdout: '', stderr: `there is no program ${program} on PATH` };
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const done = undoneAtEnd(() => child.kill('SIGKILL'));
    let isLate = false;
    let kill: NodeJS.Timeout | undefined;
    const end = setTimeout(() => {
      isLate = true;
      child.kill('SIGTERM');
      kill = setTimeout(() => child.kill('SIGKILL'), GRACE);
    }, seconds * 1000);
    const messages = new Messages();
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => { if (stdout.length < MOST_STDOUT) stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => messages.add(text));
    const settled = () => {
      done();
      clearTimeout(end);
      clearTimeout(kill);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      settled();
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ code: NOT_FOUND, stdout: '', stderr: error.message });
      else reject(error);
    });
    child.on('close', (code, signal) => {
      settled();
      resolve({ code: isLate ? TIMED_OUT : code ?? BY_SIGNAL + (signals[signal!] ?? 0), stdout, stderr: messages.text });
    });
  });
}

/** What a program says on standard error, cut where it says too much. */
class Messages {
  private signs: string[] = [];
  private rest = '';

  public add(text: string): void {
    this.rest += text;
    if (this.rest.length > MOST_STDERR) this.shorten();
  }

  public get text(): string {
    return [...this.signs, this.rest].join('\n');
  }

  private shorten(): void {
    const lines = this.rest.split('\n');
    for (const sign of SIGNS) {
      const room = PER_SIGN - this.signs.filter(line => line.includes(sign)).length;
      this.signs.push(...lines.filter(line => line.includes(sign)).slice(0, Math.max(0, room)).map(line => line.slice(0, TAIL)));
    }
    this.rest = this.rest.slice(-TAIL);
  }
}

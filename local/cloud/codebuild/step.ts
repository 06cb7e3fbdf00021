import { ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every command is a shell of its own. What it exported and where it stood carry over to the next one; other
 * variables and functions do not, although CodeBuild keeps one shell for all: a buildspec that holds here
 * holds there.
 */
const STEP = `
__keep() { env -0 > "$CODEBUILD_STATE/environment"; pwd > "$CODEBUILD_STATE/folder"; }
trap '__code=$?; trap - EXIT; __keep; exit $__code' EXIT
. "$CODEBUILD_STATE/command"
__code=$?; __keep; exit $__code`;

export type Environment = Readonly<Record<string, string>>;

/** The file of the state between two commands. */
export class Steps {
  private environment: Environment;
  private folder: string;

  constructor(
    private readonly shell: 'sh' | 'bash',
    private readonly state: string,
    environment: Environment,
    folder: string,
  ) {
    this.environment = { ...environment, CODEBUILD_STATE: state };
    this.folder = folder;
  }

  public value(name: string): string | undefined {
    return Object.hasOwn(this.environment, name) ? this.environment[name] : undefined;
  }

  public set(name: string, value: string): void {
    this.environment = { ...this.environment, [name]: value };
  }

  /** Resolves to the exit code. `started` gets the process, in a group of its own, to end it by. */
  public run(
    command: string,
    say: (line: string) => void,
    started: (child: ChildProcess) => void,
  ): Promise<number> {
    writeFileSync(join(this.state, 'command'), `${command}\n`);
    const child = spawn(this.shell, ['-c', STEP], {
      env: { ...this.environment },
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started(child);
    const flush = [child.stdout, child.stderr].map(stream => lines(stream.setEncoding('utf8'), say));
    return new Promise(done => {
      child.on('error', error => {
        say(error.message);
        done(127);
      });
      child.on('close', (code, signal) => {
        flush.forEach(rest => rest());
        this.remember();
        done(signal === null ? (code ?? 1) : 137);
      });
    });
  }

  private remember(): void {
    const environment = join(this.state, 'environment');
    if (!existsSync(environment)) return;
    const entries = readFileSync(environment, 'utf8')
      .split('\0')
      .filter(entry => entry.includes('='));
    this.environment = Object.fromEntries(
      entries.map(entry => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    const folder = readFileSync(join(this.state, 'folder'), 'utf8').replace(/\n$/, '');
    if (existsSync(folder)) this.folder = folder;
    rmSync(environment);
  }
}

function lines(stream: NodeJS.ReadableStream, say: (line: string) => void): () => void {
  let rest = '';
  stream.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(say);
  });
  return () => {
    if (rest !== '') say(rest);
  };
}

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Timed {
  readonly seconds: number;
  /** Of all processors. Other programs on the machine change it less. */
  readonly ofProcessor: number;
  /** The most that the process had at once, in MiB. */
  readonly mebibytes: number;
}

const LOOK_EVERY = 20;

/** Runs a program that has to succeed, and looks at its memory while it runs. */
export async function timed(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Timed> {
  const began = Date.now();
  let used: Used = { mebibytes: 0, ofProcessor: 0 };
  const child = spawn(program, args, { cwd, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  const look = setInterval(() => (used = usedBy(child.pid) ?? used), LOOK_EVERY);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  ).finally(() => clearInterval(look));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${said}`);
  return { seconds: (Date.now() - began) / 1000, ...used };
}

type Used = Omit<Timed, 'seconds'>;

/** Of a second, in which the kernel counts. */
const TICKS = 100;

/** The kernel keeps peak and sum until the process ends. */
function usedBy(pid: number | undefined): Used | undefined {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (peak === undefined) return undefined; // it ends
    // behind the name of the program, which can have any characters
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').split(' ');
    return {
      mebibytes: Math.round(Number(peak) / 1024),
      ofProcessor: (Number(fields[12]) + Number(fields[13])) / TICKS,
    };
  } catch {
    return undefined;
  }
}

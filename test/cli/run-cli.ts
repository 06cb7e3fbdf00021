import { run, type RunOptions } from '../../cli/main';
import { Output } from '../../cli/shell/output';

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process. */
export async function runCli(
  args: readonly string[],
  cwd = process.cwd(),
  options: Pick<RunOptions, 'environment' | 'now'> = {},
): Promise<Ended> {
  const written = { out: '', err: '' };
  const stream = (name: keyof typeof written) => ({
    write: (text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    },
  });
  const out = new Output({ stdout: stream('out'), stderr: stream('err'), environment: {} });
  return { code: await run(args, { out, cwd, environment: {}, ...options }), ...written };
}

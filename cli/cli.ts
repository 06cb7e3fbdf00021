import type { ExitCode } from './exit-code';
import type { Output } from './output';

/** What commands share. */
export interface Cli {
  readonly out: Output;
  readonly now: () => Date;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** What the process ends with, unless an error says otherwise. */
  endWith(code: ExitCode): void;
}

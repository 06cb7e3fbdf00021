import type { ExitCode } from './exit-code';
import type { Output } from './output';
import type { Caller } from '../../adapters/caller';

/** What commands share. */
export interface Cli extends Caller {
  readonly out: Output;
  /** Sets the exit code, unless an error sets another. */
  endWith(code: ExitCode): void;
}

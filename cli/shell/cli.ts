import type { ExitCode } from './exit-code';
import type { Output } from './output';
import type { Caller } from '../../adapters/caller';

/** What commands share. */
export interface Cli extends Caller {
  readonly out: Output;
  /** What the process ends with, unless an error says otherwise. */
  endWith(code: ExitCode): void;
}

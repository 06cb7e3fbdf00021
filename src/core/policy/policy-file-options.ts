import type { RegoProblem } from '../rego/problem';
import type { RegoProgram } from '../rego/rego-program';
import type { Result } from '../result';

export interface TextFile {
  /** As the file names it, or a file in the folder that it names. */
  readonly name: string;
  readonly text: string;
}

export interface PolicyFileOptions {
  /** Its name, for messages. Paths in it begin where it lies. */
  readonly file: string;
  /** A file that it names, or every policy file of a folder that it names; or why that cannot be read. */
  readonly read: (path: string) => Result<readonly TextFile[], string>;
  /** What is wrong with Rego: who runs core brings the engine. */
  readonly check: (program: RegoProgram) => readonly RegoProblem[];
  readonly now: Date;
}

/** A mistake that has a place: `say(['policy', 'name'], 'name is …')`. */
export type Say = (path: readonly PropertyKey[], message: string) => void;

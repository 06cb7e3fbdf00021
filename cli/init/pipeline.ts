export interface GeneratedFile {
  /** Relative to the working folder. */
  readonly path: string;
  readonly content: string;
}

/** What `init` writes for one CI system. */
export interface Pipeline {
  readonly file: GeneratedFile;
  /** What the user has to do before the pipeline runs. */
  readonly next: readonly string[];
  /** Code to paste. */
  readonly snippet?: string;
}

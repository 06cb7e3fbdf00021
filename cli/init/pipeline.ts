export interface GeneratedFile {
  /** Relative to where the command runs. */
  readonly path: string;
  readonly content: string;
}

/** What `init` writes for one CI system. */
export interface Pipeline {
  readonly file: GeneratedFile;
  /** What the reader has to do before it runs. */
  readonly next: readonly string[];
  /** Code to paste. */
  readonly snippet?: string;
}

/** Who calls from a terminal: all that a use case may know of it. */
export interface Caller {
  readonly now: () => Date;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin. */
  readonly cwd: string;
  readonly out: {
    /** What is going on, for people who watch. */
    progress(line: string): void;
    /** Something that people should know, and that is no error. */
    note(line: string): void;
  };
}

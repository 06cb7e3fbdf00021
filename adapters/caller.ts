/** The terminal that calls: all that a use case may know of it. */
export interface Caller {
  readonly now: () => Date;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin. */
  readonly cwd: string;
  readonly out: {
    /** Progress, for people who watch. */
    progress(line: string): void;
    /** Information that is not an error. */
    note(line: string): void;
  };
}

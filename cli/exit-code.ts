/** What a script can act on. Nothing but a plain PASS is 0. */
export const ExitCode = { trusted: 0, refused: 1, couldNotTell: 2, usage: 64 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Something that a person can mend: one line that says what and how, and no stack trace. */
export class CliError extends Error {
  constructor(
    message: string,
    public readonly exitCode: ExitCode = ExitCode.couldNotTell,
  ) {
    super(message);
  }
}

export function usageError(message: string): CliError {
  return new CliError(message, ExitCode.usage);
}

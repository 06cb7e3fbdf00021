/** For scripts. Only a PASS is 0. */
export const ExitCode = { trusted: 0, refused: 1, indeterminate: 2, usage: 64 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * An error that a person can fix: one line that says what is wrong and how to fix it, without a stack trace.
 * `usage`: the command is wrong. `indeterminate`: there is no answer.
 */
export class UserError extends Error {
  constructor(
    message: string,
    public readonly kind: 'usage' | 'indeterminate' = 'indeterminate',
  ) {
    super(message);
  }
}

export function usageError(message: string): UserError {
  return new UserError(message, 'usage');
}

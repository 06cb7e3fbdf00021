/** What is wrong with a policy, and where. */
export interface RegoProblem {
  /**
   * A code of OPA, such as `rego_parse_error`, or one of this library: `policy_…` for what OPA allows and
   * this library does not, `engine_…` for an engine that ended.
   */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly row?: number;
  readonly column?: number;
}

/** Problems after which the instance cannot be used any more. */
export const ENGINE_ENDED = {
  memory: 'engine_out_of_memory',
  time: 'engine_stopped',
  other: 'engine_trap',
} as const;

/**
 * In the form of compilers, so that editors find the place: `policy.rego:3:5: rego_parse_error: unexpected
 * eof token`.
 */
export function showProblem({ file, row, column, code, message }: RegoProblem): string {
  return `${file === undefined ? '' : `${file}:${row ?? 1}:${column ?? 1}: `}${code}: ${message}`;
}

/** What is wrong with a policy, and where. */
export interface RegoProblem {
  /**
   * OPA's word for it, such as `rego_parse_error`, or one of ours: `policy_…` for what OPA allows and we do
   * not, `engine_…` for the engine's end.
   */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly row?: number;
  readonly column?: number;
}

/**
 * As compilers write it, so that editors find the place: `policy.rego:3:5: rego_parse_error: unexpected eof
 * token`.
 */
export function showProblem({ file, row, column, code, message }: RegoProblem): string {
  return `${file === undefined ? '' : `${file}:${row ?? 1}:${column ?? 1}: `}${code}: ${message}`;
}

/**
 * `refused` fails the check, `warned` does not, and where anything is `unclear` nobody can say that the file
 * passes.
 */
export type Level = 'refused' | 'warned' | 'unclear';

/**
 * One thing about a Dockerfile: where, which rule, what is wrong and what fixes it. No secret is ever in it.
 */
export interface DockerfileFinding {
  readonly rule: string;
  readonly level: Level;
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
  /** Whose check it is. */
  readonly by: 'trusted-images' | 'trivy';
  readonly url?: string;
}

/** What a check of ours returns; who calls it knows the rest. */
export type Issue = Pick<DockerfileFinding, 'line' | 'message' | 'remedy'> & { readonly level?: Level };

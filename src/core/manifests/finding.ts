import type { Severity } from '../scanning/finding';

/**
 * As for a Dockerfile: `refused` fails the check, `warned` does not, and where anything is `unclear` nobody
 * can say that the manifests pass. `waived` was accepted by somebody.
 */
export type Level = 'refused' | 'warned' | 'unclear' | 'waived';

/** One thing about a manifest: where, which rule, what is wrong and what fixes it. */
export interface ManifestFinding {
  readonly rule: string;
  readonly level: Level;
  readonly file: string;
  readonly line: number;
  /** `Deployment team/app`. Absent for what is about the file. */
  readonly object?: string;
  readonly severity?: Severity;
  readonly message: string;
  readonly remedy: string;
  readonly url?: string;
}

/** Where something was not read: nothing passes unread. */
export function unclear(
  rule: string,
  file: string,
  line: number,
  message: string,
  remedy: string,
): ManifestFinding {
  return { rule, level: 'unclear', file, line, message, remedy };
}

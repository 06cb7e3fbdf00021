import * as z from 'zod';
import { sha256Of } from '../text/sha256';

/** Trivy's severities, the worst first. UNKNOWN is its word for "the database does not say". */
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'] as const;

export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;

/** 0 is the worst. */
export function severityRank(severity: Severity | undefined): number {
  return severity === undefined ? SEVERITIES.length : SEVERITIES.indexOf(severity);
}

/**
 * One normalised vulnerability, secret, misconfiguration or licence, whatever tag or layout it was found
 * through.
 */
export interface Finding {
  readonly type: 'vulnerability' | 'secret' | 'misconfiguration' | 'license';
  /** Our own: Trivy's differs with the tag that was scanned. */
  readonly fingerprint: string;
  /** `CVE-…`, the secret rule's id, the check's id or the licence's name. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly package?: string;
  readonly purl?: string;
  readonly path?: string;
  readonly installedVersion?: string;
  /** Absent while no version fixes it. */
  readonly fixedVersion?: string;
  /** Trivy's status of a vulnerability: `fixed`, `affected`, `will_not_fix`, … */
  readonly status?: string;
  /**
   * Of a vulnerability: the highest CVSS 4.0 or 3.x base score that any source gives, 0 to 10. Absent where
   * none gives one.
   */
  readonly score?: number;
  /** Digest of the image's own layer that holds it. Absent of what lies in the config. */
  readonly layer?: string;
  readonly remedy?: string;
  readonly url?: string;
}

/**
 * What a finding is, whatever the image is called. 128 bits: with fewer, a pusher could look for a name whose
 * finding takes the place of another one. Each part goes behind its length, since no separator is safe from
 * text that is a stranger's.
 */
export function fingerprint(...parts: string[]): string {
  return sha256Of(parts.map(part => `${part.length}:${part}`).join('')).slice(0, 32);
}

import * as z from 'zod';
import { sha256Of } from '../text/sha256';

/** Trivy's severities, the worst first. UNKNOWN means that the database does not say. */
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'] as const;

export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;

/** 0 is the worst. */
export function severityRank(severity: Severity | undefined): number {
  return severity === undefined ? SEVERITIES.length : SEVERITIES.indexOf(severity);
}

export const FINDING_TYPES = ['vulnerability', 'secret', 'misconfiguration', 'license'] as const;

/** A vulnerability, secret, misconfiguration or licence, the same for every tag and layout of the image. */
export interface Finding {
  readonly type: (typeof FINDING_TYPES)[number];
  /** Not Trivy's own, which differs with the scanned tag. */
  readonly fingerprint: string;
  /** `CVE-…`, the secret rule's id, the check's id or the licence's name. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly package?: string;
  readonly purl?: string;
  readonly path?: string;
  readonly installedVersion?: string;
  /** Absent if no version fixes it. */
  readonly fixedVersion?: string;
  /** Trivy's status of a vulnerability: `fixed`, `affected`, `will_not_fix`, … */
  readonly status?: string;
  /**
   * Of a vulnerability: the highest CVSS 4.0 or 3.x base score of all sources, 0 to 10. Absent if none
   * gives one.
   */
  readonly score?: number;
  /** Digest of the layer of the image that contains it. Absent for what the config contains. */
  readonly layer?: string;
  readonly remedy?: string;
  readonly url?: string;
}

/**
 * Identifies a finding, whatever the image is called. It has 128 bits: with fewer, a pusher could search
 * for a name whose finding replaces another one. Each part follows its length, since untrusted text can
 * contain any separator.
 */
export function fingerprint(...parts: string[]): string {
  return sha256Of(parts.map(part => `${part.length}:${part}`).join('')).slice(0, 32);
}

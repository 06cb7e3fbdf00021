import type { Severity } from './severity';

/** One normalised vulnerability, secret, misconfiguration or licence, whatever tag or layout it was found through. */
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
  readonly remedy?: string;
  readonly url?: string;
}

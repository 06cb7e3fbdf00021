import * as z from 'zod';
import { Priority } from './priority';
import { ScanId } from '../ids';
import { LONGEST_TEXT, nameText } from '../text/plain-text';
import { Seconds } from '../times';

interface CauseFacts {
  /** Worth a retry although nobody changed anything. */
  readonly transient: boolean;
  /**
   * Tried again each hour: what is in the way has nothing to do with the image, and nobody reports that it is
   * gone. People are told at once all the same, once a day for each repository.
   */
  readonly hourly?: true;
  readonly remedy: string;
}

const RETRIED = 'it is retried automatically';

/**
 * Why a scan ended without a verdict. A failed scan never replaces a verdict, and without a verdict there
 * is no trust (rule 4.4, failed scans keep the verdict).
 */
export const CAUSES = {
  BUILD_FAILED: { transient: true, remedy: `${RETRIED}; read the build's log` },
  BUILD_TIMED_OUT: { transient: true, remedy: `${RETRIED}; raise the scanner's timeout or compute` },
  BUILD_STOPPED: { transient: true, remedy: `${RETRIED}; find out in CloudTrail who called StopBuild` },
  SCANNER_IMAGE_UNAVAILABLE: {
    transient: true,
    remedy: `${RETRIED}; if the detail says that a registry throttles, pull the scanner image through a cache: ScannerImage.fromPullThroughCache()`,
  },
  SCANNER_CHANGED: { transient: true, remedy: RETRIED },
  BUILD_QUOTA_ZERO: {
    transient: false,
    hourly: true,
    remedy:
      'raise the quota of CodeBuild for concurrently running builds on the compute type of the scanner; if Service Quotas shows more than 0 already, ask AWS Support to let this account run builds; each image is then tried again within an hour',
  },
  BUILD_FAULT: { transient: true, remedy: `${RETRIED}; CodeBuild had an internal fault` },
  PROVENANCE: {
    transient: false,
    remedy:
      'find out in CloudTrail who started this build or wrote its files; then push again or request a scan',
  },
  REPORT_MISSING: { transient: true, remedy: `${RETRIED}; read the build's log` },
  REPORT_OUTDATED: { transient: true, remedy: RETRIED },
  REPORT_INVALID: {
    transient: false,
    remedy: "compare the scanner's Trivy version with the version that this library was made for",
  },
  REPORT_TOO_LARGE: { transient: false, remedy: 'split the image, or remove what it does not need' },
  SCAN_TIMED_OUT: { transient: true, remedy: `${RETRIED}; raise the scanner's timeout` },
  SCANNER_CRASHED: { transient: true, remedy: `${RETRIED}; give the scanner more memory` },
  SCANNER_FAILED: { transient: true, remedy: `${RETRIED}; read the build's log` },
  DATABASE_UNAVAILABLE: {
    transient: true,
    remedy: `${RETRIED}; mirror the vulnerability database to your own registry`,
  },
  DATABASE_THROTTLED: {
    transient: true,
    remedy: `${RETRIED}; pull the databases through a cache: VulnerabilityDatabase.fromPullThroughCache()`,
  },
  DATABASE_STALE: { transient: true, remedy: `${RETRIED}; refresh the vulnerability database's mirror` },
  DATABASE_OLDER: {
    transient: true,
    remedy: `${RETRIED}; check the database's mirror, which went back to an older database`,
  },
  SCAN_DIFFERS: {
    transient: false,
    remedy:
      'compare the reports of both scans in the evidence, remove from the image what only one of them lists, and push the new digest',
  },
  REGISTRY_DENIED: {
    transient: false,
    remedy: 'let the scan role pull from this repository, then request a scan',
  },
  REGISTRY_THROTTLED: { transient: true, remedy: RETRIED },
  REGISTRY_UNAVAILABLE: { transient: true, remedy: RETRIED },
  IMAGE_GONE: { transient: false, remedy: 'push the image again' },
  UNSCANNABLE: { transient: false, remedy: 'fix the build as the detail says, and push the image again' },
  NOT_COVERED: {
    transient: false,
    remedy:
      'base the image on an operating system that the vulnerability database covers, keep its package database, and remove what the detail names, or accept its path in the policy',
  },
  POLICY_INVALID: {
    transient: false,
    remedy: 'deploy the policy and the functions from one version of this library',
  },
  REGO_FAILED: {
    transient: false,
    remedy:
      'fix the Rego policy as the detail says; an image is not trusted while its Rego policy gives no clear answer',
  },
  CHILD_WITHOUT_VERDICT: { transient: false, remedy: 'see the failed scan of the child that is named' },
} as const satisfies Record<string, CauseFacts>;

export type Cause = keyof typeof CAUSES;

export function isHourly(cause: Cause): boolean {
  return (CAUSES[cause] as CauseFacts).hourly === true;
}
export const Cause = z.enum(Object.keys(CAUSES) as [Cause, ...Cause[]]);

/** A scan that ended without a verdict (ERROR): it is indeterminate. */
export const FailedScan = z.object({
  scanId: ScanId.optional(),
  at: z.iso.datetime(),
  cause: Cause,
  detail: z.string(),
  /** How many in a row, since the last verdict. */
  count: z.number().int(),
  retryAt: z.iso.datetime().optional(),
  /** Of the request that the scan answered: its retry is as urgent. */
  priority: Priority.optional(),
  /**
   * The policy that was indeterminate about a complete scan: the next revision may judge it (rule 4.9,
   * re-evaluation).
   */
  policyRevision: z.number().int().optional(),
  /**
   * What judged the stored report last, and when: carried from failed scan to failed scan. A later scan
   * that fails before it is judged is no reason to judge that report again.
   */
  judgedUpTo: z
    .object({ at: z.iso.datetime(), policy: z.number().int(), waivers: z.number().int().optional() })
    .optional(),
});
export type FailedScan = z.infer<typeof FailedScan>;

/** When a scan is to be tried again although nobody asks for it. */
export function againAt({ cause, at, retryAt }: FailedScan): string | undefined {
  return isHourly(cause) ? new Date(Date.parse(at) + Seconds.reconcileEvery * 1000).toISOString() : retryAt;
}

/** What went wrong, without time and count. */
export interface Failure {
  readonly cause: Cause;
  readonly detail: string;
}

/**
 * A failure as the next failed scan in a row. A transient one has a time for its retry, a bounded number of
 * times.
 */
export function nextFailedScan(
  previous: FailedScan | undefined,
  failure: Failure,
  now: Date,
  scanId?: string,
): FailedScan {
  const count = (previous?.count ?? 0) + 1;
  const seconds = CAUSES[failure.cause].transient ? Seconds.scanRetries[count - 1] : undefined;
  return {
    ...(scanId !== undefined && { scanId }),
    at: now.toISOString(),
    cause: failure.cause,
    detail: nameText(failure.detail, LONGEST_TEXT),
    count,
    ...(seconds !== undefined && { retryAt: new Date(now.getTime() + seconds * 1000).toISOString() }),
  };
}

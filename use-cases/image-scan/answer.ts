import type { PlatformImage } from './platform-images';
import type { Verdict } from '../../src/core/evidence/verdict';
import type { Policy } from '../../src/core/policy/policy';
import type { BaseSplit } from '../../src/core/report-page/base-split';
import type { Finding } from '../../src/core/scanning/finding';

/** Why the outcome is indeterminate. */
export interface PlatformError {
  /** Of an index: which image. */
  readonly platform?: string;
  readonly cause: string;
  readonly detail: string;
  readonly remedy: string;
}

/** One image that was judged, and what Trivy found. */
export interface Judged {
  readonly image: PlatformImage & { readonly platform: string };
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly base?: BaseSplit;
  readonly sbom?: object;
}

/** The result of a scan. */
export interface ScanAnswer {
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR';
  readonly title: string;
  /** The repository that it was judged as. */
  readonly repository?: string;
  readonly digest: string;
  /** No registry will have this digest: it is of a manifest that was written for the scan. */
  readonly isDigestMadeUp?: true;
  readonly rules: string;
  readonly policy: Policy;
  readonly trivy: string;
  readonly judged: readonly Judged[];
  /** Of all images together. Absent if one of them has no verdict. */
  readonly verdict?: Verdict;
  readonly platformErrors: readonly PlatformError[];
  /** Rules that were not evaluated, because `--scanners` left out what they need. */
  readonly notAsked: readonly string[];
  /** The policy gives time for some of what is refused or deferred: only the registry knows since when. */
  readonly mayHaveGracePeriod: boolean;
}

import type { BaseSplit } from './base-split';
import type { Verdict } from '../evidence/verdict';
import type { Policy } from '../policy/policy';
import type { Finding } from '../scanning/finding';

/** One image that was judged, and all that was found in it. */
export interface JudgedImage {
  readonly platform?: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Undefined if nothing is known of what it is built on. */
  readonly base?: BaseSplit;
}

/** Why there is no verdict of an image. */
export interface NoVerdict {
  readonly platform?: string;
  readonly cause: string;
  readonly detail: string;
  readonly remedy: string;
}

/** What a report is made of: one image, or the images of an index. */
export interface ReportContent {
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR';
  readonly title: string;
  readonly digest: string;
  readonly policy: Pick<Policy, 'name' | 'rules'>;
  readonly images: readonly JudgedImage[];
  readonly noVerdicts: readonly NoVerdict[];
}

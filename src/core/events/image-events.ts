import * as z from 'zod';
import { contentOf, SeverityCounts, Violation, type Verdict, type VerdictSummary } from '../evidence/verdict';
import { ScanId } from '../ids';
import { Digest, ImageName, imageOf } from '../image/image';
import { Limit } from '../limits';
import type { Held } from '../register/row';
import { FailedScan, CAUSES, Cause } from '../scanning/failed-scan';
import { ScanReason } from '../scanning/scan-request';
import { cutToBytes } from '../text/plain-text';

/**
 * The public contract: anyone may subscribe. A changed or removed field is a breaking change, and increases
 * `version`.
 */
export const EVENT_SOURCE = 'trusted-images';

export const DetailType = {
  verdict: 'Image Verdict',
  scanFailed: 'Image Scan Failed',
  trusted: 'Image Trusted',
  revoked: 'Image Revoked',
  held: 'Image Revocation Held',
} as const;

export const Subject = z.object({
  version: z.literal(1),
  image: ImageName,
  account: z.string(),
  region: z.string(),
  repository: z.string(),
  digest: Digest,
  tags: z.array(z.string()),
});

/** An image has a verdict. The event is a hint: a subscriber reads the register before it acts. */
export const ImageVerdictDetail = Subject.extend({
  outcome: z.enum(['PASS', 'FAIL']),
  verdictId: ScanId,
  scanId: ScanId,
  kind: z.enum(['scan', 'index']),
  reason: ScanReason,
  evaluatedAt: z.iso.datetime(),
  validUntil: z.iso.datetime(),
  /** Whether its content differs from the previous verdict. */
  changed: z.boolean(),
  /** A hash of its content: equal for two verdicts of an image that say the same. */
  content: z.string().optional(),
  previousOutcome: z.enum(['PASS', 'FAIL', 'NONE']),
  policy: z.object({ name: z.string(), revision: z.number().int(), sha256: z.string() }),
  counts: SeverityCounts,
  violationCount: z.number().int(),
  /** The worst, at most 20. */
  violations: z.array(Violation),
  newViolationCount: z.number().int(),
  resolvedViolationCount: z.number().int(),
  evidence: z.object({ bucket: z.string(), verdictKey: z.string(), reportKey: z.string().optional() }),
});
export type ImageVerdictDetail = z.infer<typeof ImageVerdictDetail>;

/** A scan ended without a verdict. The earlier verdict stands until it expires. */
export const ImageScanFailedDetail = Subject.extend({
  cause: Cause,
  detail: z.string(),
  remedy: z.string(),
  scanId: ScanId.optional(),
  at: z.iso.datetime(),
  count: z.number().int(),
  retryAt: z.iso.datetime().optional(),
  standing: z.object({ outcome: z.enum(['PASS', 'FAIL', 'NONE']), validUntil: z.iso.datetime().optional() }),
});
export type ImageScanFailedDetail = z.infer<typeof ImageScanFailedDetail>;

/** The image is trusted. Published at every renewal, because trust expires. */
export const ImageTrustedDetail = Subject.extend({
  verdictId: ScanId,
  scanId: ScanId,
  evaluatedAt: z.iso.datetime(),
  validUntil: z.iso.datetime(),
  policySha256: z.string(),
});
export type ImageTrustedDetail = z.infer<typeof ImageTrustedDetail>;

/** A signed image is refused by a later verdict. A signature in the registry does not show that. */
export const ImageRevokedDetail = Subject.extend({
  verdictId: ScanId,
  scanId: ScanId,
  evaluatedAt: z.iso.datetime(),
  violationCount: z.number().int(),
  /** The worst, a line each. */
  worst: z.array(z.string()),
});
export type ImageRevokedDetail = z.infer<typeof ImageRevokedDetail>;

/** A trusted image is refused by a later verdict, and the brake holds its revocation: gates admit it. */
export const ImageRevocationHeldDetail = ImageRevokedDetail.extend({
  until: z.iso.datetime(),
  /** When the brake was pulled: the same for all that it holds. */
  pulledAt: z.iso.datetime(),
  because: z.string(),
});
export type ImageRevocationHeldDetail = z.infer<typeof ImageRevocationHeldDetail>;

export type ImageEvent =
  | { readonly detailType: typeof DetailType.trusted; readonly detail: ImageTrustedDetail }
  | { readonly detailType: typeof DetailType.revoked; readonly detail: ImageRevokedDetail }
  | { readonly detailType: typeof DetailType.held; readonly detail: ImageRevocationHeldDetail }
  | { readonly detailType: typeof DetailType.verdict; readonly detail: ImageVerdictDetail }
  | { readonly detailType: typeof DetailType.scanFailed; readonly detail: ImageScanFailedDetail };

/** The events that may need action. */
export type VerdictOrFailure = Extract<
  ImageEvent,
  { detailType: typeof DetailType.verdict | typeof DetailType.scanFailed }
>;

export function subject(image: ImageName, tags: readonly string[] | undefined): z.infer<typeof Subject> {
  return { version: 1, image, ...imageOf(image), tags: (tags ?? []).slice(0, Limit.rowTags) };
}

export function verdictEvent(
  verdict: Verdict,
  context: {
    readonly tags?: readonly string[];
    readonly previous?: Verdict;
    readonly changed: boolean;
    readonly evidence: ImageVerdictDetail['evidence'];
  },
): VerdictOrFailure {
  const before = new Set((context.previous?.violations ?? []).map(keyOf));
  const after = new Set(verdict.violations.map(keyOf));
  return {
    detailType: DetailType.verdict,
    detail: {
      ...subject(verdict.image, context.tags),
      outcome: verdict.outcome,
      verdictId: verdict.verdictId,
      scanId: verdict.scanId,
      kind: verdict.kind,
      reason: verdict.reason,
      evaluatedAt: verdict.evaluatedAt,
      validUntil: verdict.validUntil,
      changed: context.changed,
      content: contentOf(verdict),
      previousOutcome: context.previous?.outcome ?? 'NONE',
      policy: verdict.policy,
      counts: verdict.counts,
      violationCount: verdict.violationCount,
      violations: verdict.violations.slice(0, Limit.eventViolations).map(short),
      newViolationCount: [...after].filter(key => !before.has(key)).length,
      resolvedViolationCount: [...before].filter(key => !after.has(key)).length,
      evidence: context.evidence,
    },
  };
}

export function scanFailedEvent(
  image: ImageName,
  failedScan: FailedScan,
  context: {
    readonly tags?: readonly string[];
    readonly standing?: { readonly outcome: 'PASS' | 'FAIL'; readonly validUntil: string };
  },
): VerdictOrFailure {
  const { cause, detail, scanId, at, count, retryAt } = failedScan;
  return {
    detailType: DetailType.scanFailed,
    detail: {
      ...subject(image, context.tags),
      cause,
      detail,
      remedy: CAUSES[cause].remedy,
      ...(scanId !== undefined && { scanId }),
      at,
      count,
      ...(retryAt !== undefined && { retryAt }),
      standing:
        context.standing === undefined
          ? { outcome: 'NONE' }
          : { outcome: context.standing.outcome, validUntil: context.standing.validUntil },
    },
  };
}

export function trustedEvent(
  image: ImageName,
  verdict: VerdictSummary,
  tags: readonly string[] | undefined,
): ImageEvent {
  const { verdictId, scanId, evaluatedAt, validUntil, policySha256 } = verdict;
  return {
    detailType: DetailType.trusted,
    detail: { ...subject(image, tags), verdictId, scanId, evaluatedAt, validUntil, policySha256 },
  };
}

export function revokedEvent(
  image: ImageName,
  verdict: VerdictSummary,
  tags: readonly string[] | undefined,
): ImageEvent {
  return { detailType: DetailType.revoked, detail: refusedDetail(image, verdict, tags) };
}

export function heldEvent(
  image: ImageName,
  verdict: VerdictSummary,
  { until, pulledAt, because }: Held,
  tags: readonly string[] | undefined,
): ImageEvent {
  const detail = { ...refusedDetail(image, verdict, tags), until, pulledAt, because };
  return { detailType: DetailType.held, detail };
}

function refusedDetail(
  image: ImageName,
  { verdictId, scanId, evaluatedAt, violationCount, worst }: VerdictSummary,
  tags: readonly string[] | undefined,
): ImageRevokedDetail {
  return { ...subject(image, tags), verdictId, scanId, evaluatedAt, violationCount, worst };
}

/** An event has less than 200 KB, whatever it contains. EventBridge refuses more than 256 KB. */
function short(violation: Violation): Violation {
  return Object.fromEntries(
    Object.entries(violation).map(([field, text]) => [
      field,
      cutToBytes(text, field === 'message' || field === 'remedy' ? 800 : 300),
    ]),
  ) as Violation;
}

function keyOf(violation: Violation): string {
  return `${violation.rule}|${violation.platform ?? ''}|${violation.fingerprint ?? violation.message}`;
}

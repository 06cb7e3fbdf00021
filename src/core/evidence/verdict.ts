import { sha256Of } from '../text/sha256';
import * as z from 'zod';
import { ScanId } from '../ids';
import { Digest, ImageName } from '../image/image';
import { Limit } from '../limits';
import { ScanReason } from '../scanning/scan-request';
import { Severity } from '../scanning/finding';
import { cutToBytes } from '../text/plain-text';

/** A finding that a rule does not accept. */
export const Violation = z.object({
  rule: z.string(),
  message: z.string(),
  remedy: z.string(),
  fingerprint: z.string().optional(),
  id: z.string().optional(),
  severity: Severity.optional(),
  package: z.string().optional(),
  installedVersion: z.string().optional(),
  fixedVersion: z.string().optional(),
  /** In an index: the child that it was found in. */
  platform: z.string().optional(),
});
export type Violation = z.infer<typeof Violation>;

/** What somebody accepted, who, and until when. */
export const Waived = Violation.extend({
  action: z.enum(['deny', 'warn']),
  waiver: z.object({
    key: z.string(),
    owner: z.string(),
    reason: z.string(),
    ticket: z.string().optional(),
    until: z.iso.datetime(),
  }),
});
export type Waived = z.infer<typeof Waived>;

/** What may be fixed until then, and is refused after it. */
export const Deadline = Violation.extend({ since: z.iso.datetime(), due: z.iso.datetime() });
export type Deadline = z.infer<typeof Deadline>;

export const SeverityCounts = z.record(Severity, z.number().int());
export type SeverityCounts = z.infer<typeof SeverityCounts>;

/** How a rule came out. Every rule of the policy is listed, so that a verdict explains itself. */
export const RuleResult = z.object({
  rule: z.string(),
  action: z.enum(['deny', 'warn']),
  /** `unknown`: it was indeterminate, and another rule refuses the image. */
  outcome: z.enum(['pass', 'violated', 'unknown']),
  /** Violations; neither what is waived nor what may be fixed later. */
  count: z.number().int(),
  waived: z.number().int().default(0),
  deferred: z.number().int().default(0),
});
export type RuleResult = z.infer<typeof RuleResult>;

/**
 * The answer about one image, as it lies in the evidence. There is no verdict that is neither: see Attempt.
 */
export const Verdict = z.object({
  schema: z.literal(1),
  image: ImageName,
  outcome: z.enum(['PASS', 'FAIL']),
  /** The scan's id, or one of its own for a later evaluation of the same scan. */
  verdictId: ScanId,
  scanId: ScanId,
  scanSeq: z.number().int(),
  kind: z.enum(['scan', 'index']),
  /** Why the image was scanned. */
  reason: ScanReason,
  scannedAt: z.iso.datetime(),
  evaluatedAt: z.iso.datetime(),
  /** Gates refuse after it (rule 4.5, expiry and grace periods). */
  validUntil: z.iso.datetime(),
  /** What `validUntil` would be without waivers and deadlines. */
  scanHoldsUntil: z.iso.datetime().optional(),
  policy: z.object({
    name: z.string(),
    revision: z.number().int(),
    sha256: z.string(),
    /**
     * It refuses nothing: such a PASS is signed for the gates of now, and not in the registry, where a
     * signature stays.
     */
    audit: z.literal(true).optional(),
  }),
  waivers: z.object({
    revision: z.number().int(),
    sha256: z.string().optional(),
    versionId: z.string().optional(),
  }),
  database: z.object({ updatedAt: z.iso.datetime() }),
  scanner: z.object({ image: z.string(), version: z.string() }),
  rules: z.array(RuleResult),
  counts: SeverityCounts,
  violationCount: z.number().int(),
  /** The worst first, at most 500. */
  violations: z.array(Violation),
  warnings: z.array(Violation),
  /** The worst first, at most 500; `rules` has the whole count, and `waivedBy` names all. */
  waived: z.array(Waived).default([]),
  /** Those that end first, at most 500. */
  deadlines: z.array(Deadline).default([]),
  /** Fingerprints of all findings that are waived, by the key of the waiver. */
  waivedBy: z.record(z.string(), z.array(z.string())).default({}),
  /** Fingerprints of all findings that violate a rule that denies. */
  violating: z.array(z.string()),
  /**
   * Fingerprints by the time at which they were first seen in this image: carried from verdict to verdict.
   */
  firstSeen: z.record(z.string(), z.array(z.string())),
  children: z
    .array(
      z.object({
        digest: Digest,
        platform: z.string(),
        outcome: z.enum(['PASS', 'FAIL']),
        verdictId: ScanId,
      }),
    )
    .optional(),
});
export type Verdict = z.infer<typeof Verdict>;

/** What the register keeps of a verdict: enough for a gate to decide and to say why. */
export const VerdictSummary = Verdict.pick({
  outcome: true,
  verdictId: true,
  scanId: true,
  scanSeq: true,
  kind: true,
  scannedAt: true,
  evaluatedAt: true,
  validUntil: true,
  counts: true,
  violationCount: true,
}).extend({
  databaseUpdatedAt: z.iso.datetime(),
  /** When the scan would be too old, whatever else ends before: a new scan moves this end and no other. */
  scanHoldsUntil: z.iso.datetime().optional(),
  /** The first characters of the keys of the waivers that cover something in it, at most 20. */
  waiverKeys: z.array(z.string()).optional(),
  policyRevision: z.number().int(),
  /** That policy refuses nothing. */
  audit: z.literal(true).optional(),
  waiverRevision: z.number().int().default(0),
  policySha256: z.string(),
  /** The same for two verdicts that say the same: a change of it is news. */
  content: z.string(),
  worst: z.array(z.string()),
  /** Of an index: the verdicts of its images that it was folded from. */
  madeOf: z.array(ScanId).optional(),
  evidenceKey: z.string(),
  sha256: z.string(),
});
export type VerdictSummary = z.infer<typeof VerdictSummary>;

/** A PASS counts until then, and no longer. */
export function holds({ outcome, validUntil }: Pick<Verdict, 'outcome' | 'validUntil'>, now: Date): boolean {
  return outcome === 'PASS' && Date.parse(validUntil) > now.getTime();
}

/** A PASS that counts no longer. */
export function hasExpired(
  { outcome, validUntil }: Pick<Verdict, 'outcome' | 'validUntil'>,
  now: Date,
): boolean {
  return outcome === 'PASS' && Date.parse(validUntil) <= now.getTime();
}

/**
 * What a verdict says, whenever it was said and by whichever scan: a change of it is news. Of an index also
 * which images it refuses: two may be of one platform.
 */
export function contentOf(verdict: Verdict): string {
  const refused = (verdict.children ?? [])
    .filter(({ outcome }) => outcome === 'FAIL')
    .map(({ digest }) => digest)
    .sort();
  const said = verdict.violations
    .map(({ rule, platform, fingerprint, message }) => `${rule}|${platform ?? ''}|${fingerprint ?? message}`)
    .sort();
  return sha256Of([verdict.outcome, verdict.violationCount, ...said, ...refused].join('\n')).slice(0, 32);
}

/** Enough to tell a register of 5,000 apart. */
export const WAIVER_KEY_CHARACTERS = 12;

export function summarise(
  verdict: Verdict,
  evidence: { readonly evidenceKey: string; readonly sha256: string },
  worst: number,
): VerdictSummary {
  const {
    outcome,
    verdictId,
    scanId,
    scanSeq,
    kind,
    scannedAt,
    evaluatedAt,
    validUntil,
    counts,
    violationCount,
  } = verdict;
  const waiverKeys = Object.keys(verdict.waivedBy)
    .sort()
    .slice(0, Limit.rowWaivers)
    .map(key => key.slice(0, WAIVER_KEY_CHARACTERS));
  return {
    outcome,
    verdictId,
    scanId,
    scanSeq,
    kind,
    scannedAt,
    evaluatedAt,
    validUntil,
    counts,
    violationCount,
    databaseUpdatedAt: verdict.database.updatedAt,
    scanHoldsUntil: verdict.scanHoldsUntil,
    ...(waiverKeys.length > 0 && { waiverKeys }),
    policyRevision: verdict.policy.revision,
    ...(verdict.policy.audit === true && { audit: true as const }),
    waiverRevision: verdict.waivers.revision,
    policySha256: verdict.policy.sha256,
    content: contentOf(verdict),
    worst: verdict.violations.slice(0, worst).map(line),
    ...(verdict.children !== undefined && { madeOf: verdict.children.map(child => child.verdictId) }),
    ...evidence,
  };
}

function line({ rule, platform, message, remedy }: Violation): string {
  return cutToBytes(`${rule}: ${platform === undefined ? '' : `[${platform}] `}${message}; ${remedy}`, 300);
}

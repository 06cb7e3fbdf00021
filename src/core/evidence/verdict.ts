import * as z from 'zod';
import { DatabaseIdentity, ScannerIdentity } from './scan-record';
import { ScanId } from '../ids';
import { Digest, ImageName } from '../image/image';
import { Limit } from '../limits';
import { AnswerCounts } from '../scanning/accounting';
import { Severity } from '../scanning/finding';
import { ScanReason } from '../scanning/scan-request';
import { cutToBytes } from '../text/plain-text';
import { sha256Of } from '../text/sha256';

/** What a rule refuses: a finding, or the image as a whole. */
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
  /** When its grace period ended. */
  due: z.iso.datetime().optional(),
  /** In an index: the child that it was found in. */
  platform: z.string().optional(),
});
export type Violation = z.infer<typeof Violation>;

/** What a waiver accepts, who accepted it, and until when. */
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

/** A violation in its grace period: refused after `due`. */
export const Deadline = Violation.extend({ since: z.iso.datetime(), due: z.iso.datetime() });
export type Deadline = z.infer<typeof Deadline>;

export const SeverityCounts = z.record(Severity, z.number().int());
export type SeverityCounts = z.infer<typeof SeverityCounts>;

/** The result of a rule. A verdict lists every rule of the policy, so that it explains itself. */
export const RuleResult = z.object({
  rule: z.string(),
  action: z.enum(['deny', 'warn']),
  /** `unknown`: the rule was indeterminate, and another rule refuses the image. */
  outcome: z.enum(['pass', 'violated', 'unknown']),
  /** Violations, without what is waived or in a grace period. */
  count: z.number().int(),
  waived: z.number().int().default(0),
  deferred: z.number().int().default(0),
});
export type RuleResult = z.infer<typeof RuleResult>;

/** The answer about one image, as evidence. It is PASS or FAIL: anything else is a `FailedScan`. */
export const Verdict = z.object({
  schema: z.literal(1),
  image: ImageName,
  outcome: z.enum(['PASS', 'FAIL']),
  /** The id of the scan, or a new id if the same scan is judged again. */
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
  /** What `validUntil` would be without waivers and grace periods. */
  scanHoldsUntil: z.iso.datetime().optional(),
  policy: z.object({
    name: z.string(),
    revision: z.number().int(),
    sha256: z.string(),
    /** It refuses nothing. Gates admit its PASS, but the registry gets no signature: that one would stay. */
    audit: z.literal(true).optional(),
  }),
  waivers: z.object({
    revision: z.number().int(),
    sha256: z.string().optional(),
    versionId: z.string().optional(),
  }),
  database: DatabaseIdentity,
  scanner: ScannerIdentity,
  /** sha256 of the packages that the scan lists: the same image has the same. */
  packages: z.string().optional(),
  /** How many files of the image declare packages, and how the report answers them. */
  declared: AnswerCounts.optional(),
  rules: z.array(RuleResult),
  counts: SeverityCounts,
  violationCount: z.number().int(),
  /** The worst first, at most 500. */
  violations: z.array(Violation),
  warnings: z.array(Violation),
  /** The worst first, at most 500. `rules` has the whole count, `waivedBy` names all. */
  waived: z.array(Waived).default([]),
  /** The earliest first, at most 500. */
  deadlines: z.array(Deadline).default([]),
  /** Fingerprints of all findings that are waived, by the key of the waiver. */
  waivedBy: z.record(z.string(), z.array(z.string())).default({}),
  /** Fingerprints of all findings that violate a rule that denies. */
  violating: z.array(z.string()),
  /** Fingerprints by the time at which this image had them first: carried from verdict to verdict. */
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

/** What the register keeps of a verdict: enough for a gate to decide and to give the reason. */
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
  /** When the scan is too old. A new scan moves this time, but not the end of a waiver or a grace period. */
  scanHoldsUntil: z.iso.datetime().optional(),
  /** The first characters of the keys of the waivers that cover something in the image, at most 20. */
  waiverKeys: z.array(z.string()).optional(),
  policyRevision: z.number().int(),
  /** The policy is an audit: it refuses nothing. */
  audit: z.literal(true).optional(),
  waiverRevision: z.number().int().default(0),
  policySha256: z.string(),
  /** Equal for two verdicts that say the same: only a change is published as one. */
  content: z.string(),
  worst: z.array(z.string()),
  /** Of an index: the verdicts of its images that it is folded from. */
  madeOf: z.array(ScanId).optional(),
  evidenceKey: z.string(),
  sha256: z.string(),
});
export type VerdictSummary = z.infer<typeof VerdictSummary>;

/** Whether it is a PASS that has not expired. */
export function holds({ outcome, validUntil }: Pick<Verdict, 'outcome' | 'validUntil'>, now: Date): boolean {
  return outcome === 'PASS' && Date.parse(validUntil) > now.getTime();
}

/** Whether it is a PASS that has expired. */
export function hasExpired(
  { outcome, validUntil }: Pick<Verdict, 'outcome' | 'validUntil'>,
  now: Date,
): boolean {
  return outcome === 'PASS' && Date.parse(validUntil) <= now.getTime();
}

/**
 * What a verdict says, whatever its time and its scan: an event says whether this changed. For an index it
 * includes the images that are refused, since two of them may have the same platform.
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

/** Enough to distinguish 5,000 waivers. */
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

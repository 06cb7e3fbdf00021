import type { Attestation } from './attestation';
import type { Claims } from './statement';
import type { Verdict } from '../evidence/verdict';
import { imageOf } from '../image/image';
import { REPOSITORY_URL } from '../repository-url';
import { Seconds } from '../times';

/** @see https://slsa.dev/spec/v1.1/verification_summary */
export const VERIFICATION_SUMMARY = 'https://slsa.dev/verification_summary/v1';

/** `--verifier-id` of slsa-verifier. The key says which trust it was. */
export const VERIFIER = REPOSITORY_URL;

/** `--verified-level`. No level of SLSA: this library does not look at how an image was built. */
export const POLICY_LEVEL = 'TRUSTED_IMAGES_POLICY';

/** The standard has no end of a summary, so this field is an extension, with a prefix of its own. */
export const EXPIRES_ON = 'trustedImages_expiresOn';

/** What the register keeps of the summary in the registry, to know when it has to be renewed. */
export interface SummaryNote {
  readonly until: string;
  /** The hash of the policy: a verdict of another policy needs another summary. */
  readonly policy: string;
}

/** What the end of a summary depends on. */
type SummaryTimes = Pick<Verdict, 'scannedAt' | 'validUntil' | 'scanHoldsUntil' | 'waived' | 'deadlines'>;

/** `--resource-uri`: the image where it was judged, so that a copy elsewhere is another resource. */
export function resourceUri({ image, repository }: Pick<Claims, 'image' | 'repository'>): string {
  return `oci://${repository}@${imageOf(image).digest}`;
}

/**
 * The verdict in the standard's form, for a PASS only (rule 5.8, the key signs only PASS).
 *
 * @param evidence where the verdict is stored, and its hash
 */
export function summaryAttestation(
  verdict: Verdict,
  claims: Claims,
  evidence: { readonly evidenceKey: string; readonly sha256: string },
): Attestation {
  if (verdict.outcome !== 'PASS') {
    throw new Error(`the verdict ${verdict.verdictId} is ${verdict.outcome}, allowed: PASS`);
  }
  const { name, revision, sha256 } = verdict.policy;
  return {
    predicateType: VERIFICATION_SUMMARY,
    predicate: {
      verifier: { id: VERIFIER, version: { trivy: verdict.scanner.version } },
      timeVerified: verdict.evaluatedAt,
      resourceUri: resourceUri(claims),
      policy: {
        uri: `urn:trusted-images:policy:${encodeURIComponent(name)}:${revision}`,
        digest: { sha256 },
      },
      inputAttestations: [{ uri: evidence.evidenceKey, digest: { sha256: evidence.sha256 } }],
      verificationResult: 'PASSED',
      verifiedLevels: [POLICY_LEVEL],
      [EXPIRES_ON]: summaryEnd(verdict),
    },
  };
}

/**
 * When verifiers must no longer rely on it. It outlives the statement of the register, because it cannot be
 * written every day. But with a waiver or a grace period it ends with the verdict: one that ends later than
 * the verdict may still end, or be withdrawn, before the 14 days are over.
 */
export function summaryEnd({
  scannedAt,
  validUntil,
  scanHoldsUntil,
  waived,
  deadlines,
}: SummaryTimes): string {
  const lasting = new Date(Date.parse(scannedAt) + Seconds.summary * 1000).toISOString();
  const depends = waived.length > 0 || deadlines.length > 0;
  const isLimited = depends || scanHoldsUntil === undefined || validUntil < scanHoldsUntil;
  return isLimited && validUntil < lasting ? validUntil : lasting;
}

/** Whether the summary in the registry has to be replaced by one of this verdict. */
export function isSummaryDue(
  standing: SummaryNote | undefined,
  verdict: SummaryTimes & Pick<Verdict, 'policy'>,
  now: Date,
): boolean {
  if (standing === undefined || standing.policy !== verdict.policy.sha256) return true;
  const end = summaryEnd(verdict);
  if (end < standing.until) return true; // a waiver was added that ends before
  const left = (Date.parse(standing.until) - now.getTime()) / 1000;
  return end > standing.until && left < Seconds.summaryRenewal;
}

import * as z from 'zod';

/** Why an image is not trusted: what people read, and what they can do about it. */
export const REFUSALS = {
  NO_VERDICT: {
    says: 'nobody has judged it yet',
    remedy: 'push it to an enrolled repository or request a scan, and wait for its verdict',
  },
  NO_IMAGE: {
    says: 'it is no image: it is a signature, an attestation, an SBOM or something else that belongs to an image, and is never judged',
    remedy: 'deploy the image that it belongs to',
  },
  COULD_NOT_TELL: { says: 'its scan ended without a verdict', remedy: 'see the cause that is named' },
  FAILED: { says: 'it does not pass policy', remedy: 'mend what is named, push, and deploy the new digest' },
  REVOKED: {
    says: 'it was trusted, and a later verdict refused it',
    remedy: 'mend what is named, push, and deploy the new digest',
  },
  EXPIRED: {
    says: 'its trust has run out',
    remedy: 'request a scan; if verdicts run out often, look why renewals do not end in time',
  },
  NO_STATEMENT: {
    says: 'it passed policy, and the signer has not signed that yet',
    remedy: "wait; after a few minutes look at the signer's alarm, its dead-letter queue and its log",
  },
  NO_SIGNATURE: {
    says: 'the registry has no signature that vouches for it',
    remedy:
      'wait until it passes and is signed; each bundle that is there is named with what is wrong with it',
  },
  WRONG_KEY: {
    says: 'its statement is not signed by a key that is pinned here',
    remedy: 'pin the key that signs now, or request a scan so that it is signed anew',
  },
  OTHER_IMAGE: {
    says: 'what vouches for it was made for another image',
    remedy: 'find out who put it there; one digest in two repositories is two images',
  },
  BROKEN_STATEMENT: {
    says: 'its statement cannot be read, or is not a statement of this library',
    remedy:
      'request a scan, so that it is signed anew; if that does not help, deploy gate and signer of one version',
  },
  TAG_NOT_DIGEST: {
    says: 'it has no digest, and a tag may name another image tomorrow',
    remedy: 'give <repository>@sha256:<64 hex>',
  },
  LOOKUP_FAILED: {
    says: 'it could not be looked up',
    remedy: 'try again; then look at the permissions and quotas of who asked',
  },
} as const;

export type Reason = keyof typeof REFUSALS;
export const Reason = z.enum(Object.keys(REFUSALS) as [Reason, ...Reason[]]);

export interface Refused {
  readonly trusted: false;
  readonly reason: Reason;
  /** One sentence: what is wrong with which image. */
  readonly says: string;
  readonly remedy: string;
  /** The worst findings, where findings are why. */
  readonly worst: readonly string[];
}

export function refused(
  subject: string,
  reason: Reason,
  detail?: string,
  more: Partial<Pick<Refused, 'remedy' | 'worst'>> = {},
): Refused {
  const { says, remedy } = REFUSALS[reason];
  return {
    trusted: false,
    reason,
    says: `${subject} is refused: ${says}${detail === undefined ? '' : ` (${detail})`}`,
    remedy,
    worst: [],
    ...more,
  };
}

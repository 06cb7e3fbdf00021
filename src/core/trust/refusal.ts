import * as z from 'zod';

/** Why an image is not trusted, and how to fix it. Both texts are shown to users. */
export const REFUSALS = {
  NO_VERDICT: {
    says: 'it has not been judged yet',
    remedy: 'push it to an enrolled repository or request a scan, then wait for the verdict',
  },
  NO_IMAGE: {
    says: 'it is not an image but a signature, an attestation, an SBOM or another artifact of an image, and is never judged',
    remedy: 'deploy the image that it belongs to',
  },
  INDETERMINATE: { says: 'its scan ended without a verdict', remedy: 'see the cause that is named' },
  FAILED: {
    says: 'it does not pass policy',
    remedy: 'fix the named violations, push, and deploy the new digest',
  },
  REVOKED: {
    says: 'it was trusted, and a later verdict refused it',
    remedy: 'fix the named violations, push, and deploy the new digest',
  },
  EXPIRED: {
    says: 'its trust has expired',
    remedy: 'request a scan; if verdicts expire often, find out why renewals do not finish in time',
  },
  NO_STATEMENT: {
    says: 'it passed policy, but the signer has not signed that yet',
    remedy: "wait; after a few minutes, check the signer's alarm, dead-letter queue and log",
  },
  NO_SIGNATURE: {
    says: 'the registry has no valid signature for it',
    remedy:
      'wait until it passes and is signed; the message says what is wrong with each bundle in the registry',
  },
  WRONG_KEY: {
    says: 'its statement is not signed by a pinned key',
    remedy: 'pin the current signing key, or request a scan so that it is signed again',
  },
  OTHER_IMAGE: {
    says: 'its statement or signature was made for another image',
    remedy: 'find out who put it there; one digest in two repositories is two images',
  },
  BROKEN_STATEMENT: {
    says: 'its statement cannot be read, or is not a statement of this library',
    remedy:
      'request a scan so that it is signed again; if that does not help, deploy gate and signer from one version of this library',
  },
  TAG_NOT_DIGEST: {
    says: 'it has no digest, and a tag may name another image later',
    remedy: 'use <repository>@sha256:<64 hex>',
  },
  NOT_READABLE: {
    says: 'the gate cannot tell which image it is',
    remedy: 'name it by the host of its registry, its repository and its digest: sha256:<64 hex>',
  },
  ELSEWHERE: {
    says: 'it is not in a registry whose images the trust judges, and its digest is not on the list of the gate',
    remedy: 'copy it into an enrolled repository, or list its digest: allowedImages of the gate',
  },
  LOOKUP_FAILED: {
    says: 'it could not be looked up',
    remedy: 'try again; then check the permissions and quotas of the caller',
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
  /** The worst findings, if findings are the reason. */
  readonly worst: readonly string[];
  /** Why no break-glass grant lifted it, where that is not known or a use could not be recorded. */
  readonly notLifted?: string;
  /** The command that lets it run in an emergency, where a grant can. */
  readonly wayOut?: string;
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

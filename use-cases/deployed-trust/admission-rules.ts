import type { AdmissionTextRules } from '../../src/core/admission/admission-text';
import { imageOf, repositoryReference, type Repository } from '../../src/core/image/image';
import { urlSuffixOf } from '../../src/core/image/image-reference';
import type { RegisterRow } from '../../src/core/register/row';
import { whyReplaced, type VerificationKey } from '../../src/core/signing/verification-key';
import { UserError } from '../../src/core/user-error';

export interface AdmissionSources {
  /** Every row of the register. */
  readonly rows: AsyncIterable<RegisterRow> | Iterable<RegisterRow>;
  readonly keys: readonly VerificationKey[];
  /** Every repository with an image on record if there is none. */
  readonly repositories: readonly Repository[];
  readonly policyName: string;
  readonly now: Date;
  /** Says what the reader of the text may not expect. */
  note(line: string): void;
}

/**
 * What admission controllers are told of a deployed trust: its repositories, its keys, and every image whose
 * trust was revoked, also of images that were deleted since: they may be pushed again.
 */
export async function admissionRules(sources: AdmissionSources): Promise<AdmissionTextRules> {
  const found = new Set(sources.repositories.map(addressOf));
  const revoked = new Set<string>();
  let hasSummary = false;
  for await (const { pk, kind, revokedBy, signature } of sources.rows) {
    if (kind === 'attachment') continue;
    const image = imageOf(pk);
    if (sources.repositories.length === 0) found.add(addressOf(image));
    if (revokedBy !== undefined) revoked.add(`${addressOf(image)}@${image.digest}`);
    hasSummary ||= signature?.summary !== undefined;
  }
  const keys = sources.keys.filter(key => whyReplaced(key, sources.now) === undefined);
  if (found.size === 0) {
    throw new UserError(
      'no image is on record, so there is no repository to write a policy for: push an image to an enrolled repository, or name repositories with --repository',
    );
  }
  if (keys.length === 0) {
    throw new UserError(
      'no signing key of the trust is accepted, so a policy could admit nothing: see "doctor"',
    );
  }
  if (sources.repositories.length === 0) {
    sources.note(
      `for the ${found.size} repositories with an image on record; an image of a repository that comes later is not judged: write the text again then, or name repositories with --repository`,
    );
  }
  if (!hasSummary) {
    sources.note(
      'no image has a verification summary, so policies that ask for one refuse every image: deploy the trust with signing: { attestations: [ImageAttestation.SUMMARY] }',
    );
  }
  return {
    name: sources.policyName,
    repositories: [...found].sort(),
    keys: keys.map(({ publicKey }) => ({
      pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    })),
    policies: [],
    revoked: [...revoked].sort(),
  };
}

function addressOf(repository: Repository): string {
  return repositoryReference(repository, urlSuffixOf(repository.region));
}

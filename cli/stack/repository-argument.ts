import { Image } from '../../src/core/image/image';
import { readImageReference } from '../../src/core/image/image-reference';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';

export type Repository = Omit<Image, 'digest'>;

/** A repository by its name alone, in the registry of the stack, or as registry clients write it. */
export function repositoryAsked(text: string, registry: Omit<Repository, 'repository'>): Repository {
  const reference = readImageReference(text);
  if (reference.ok) {
    return {
      account: reference.value.account,
      region: reference.value.region,
      repository: reference.value.repository,
    };
  }
  const name = Image.shape.repository.safeParse(text);
  if (name.success) return { account: registry.account, region: registry.region, repository: name.data };
  throw usageError(
    `the repository is ${quoted(text, 500)}, allowed: its name, as team/app, or <account>.dkr.ecr.<region>.amazonaws.com/<repository>`,
  );
}

import { Repository } from '../../src/core/image/image';
import { readEcrReference } from '../../src/core/image/image-reference';
import { quoted } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';

/** A repository by its name alone, in the registry of the stack, or as registry clients write it. */
export function repositoryAsked(text: string, registry: Omit<Repository, 'repository'>): Repository {
  const reference = readEcrReference(text);
  if (reference.ok) {
    return {
      account: reference.value.account,
      region: reference.value.region,
      repository: reference.value.repository,
    };
  }
  const name = Repository.shape.repository.safeParse(text);
  if (name.success) return { account: registry.account, region: registry.region, repository: name.data };
  throw usageError(
    `the repository is ${quoted(text, 500)}, allowed: its name, as team/app, or <account>.dkr.ecr.<region>.amazonaws.com/<repository>`,
  );
}

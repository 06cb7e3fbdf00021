import type { Caller } from '../../adapters/caller';
import { imageName, Repository, type ImageName } from '../../src/core/image/image';
import { readEcrReference, type EcrReference } from '../../src/core/image/image-reference';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { refused } from '../../src/core/trust/refusal';
import { UserError, usageError } from '../../src/core/user-error';

/** Which digest a tag names now, or undefined if no image has it. */
export type ResolveTag = (reference: EcrReference & { readonly tag: string }) => Promise<string | undefined>;

/** The image that is asked about, by its digest. A tag is looked up only where that is asked for. */
export async function imageAsked(
  text: string,
  { resolveTag }: { readonly resolveTag?: boolean },
  resolve: ResolveTag,
  { out }: Pick<Caller, 'out'>,
): Promise<ImageName> {
  const read = readEcrReference(text);
  if (!read.ok) throw usageError(read.error);
  const { account, region, repository, tag, digest } = read.value;
  if (digest !== undefined) return imageName({ account, region, repository, digest });
  const given = quoted(text, 500);
  if (tag === undefined || resolveTag !== true) {
    const { reason, says, remedy } = refused(`the image ${given}`, 'TAG_NOT_DIGEST');
    throw usageError(
      `${reason}: ${says}; ${remedy}${tag === undefined ? '' : ', or --resolve-tag to look up once what the tag names now'}`,
    );
  }
  const found = await resolve({ ...read.value, tag });
  if (found === undefined) {
    throw new UserError(`there is no image ${given}: push it first, or check its tag`);
  }
  out.note(`${plainText(repository, 300)}:${plainText(tag, 300)} is ${found}`);
  return imageName({ account, region, repository, digest: found });
}

/** A repository: by its name, in the registry of the stack, or as registry clients write it. */
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

import type { Caller } from '../../adapters/caller';
import { imageName, type ImageName } from '../../src/core/image/image';
import { readEcrReference, type EcrReference } from '../../src/core/image/image-reference';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { refused } from '../../src/core/trust/refusal';
import { UserError, usageError } from '../../src/core/user-error';

/** Which digest a tag names now, or undefined if it names none. */
export type ResolveTag = (reference: EcrReference & { readonly tag: string }) => Promise<string | undefined>;

/**
 * The image that is asked about: by its digest. A tag is a question of its own, and is answered only where
 * that is asked for.
 */
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
    throw new UserError(`there is no image ${given}: push it first, or look at its tag`);
  }
  out.note(`${plainText(repository, 300)}:${plainText(tag, 300)} is ${found}`);
  return imageName({ account, region, repository, digest: found });
}

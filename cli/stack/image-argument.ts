import type { ImageOptions } from './options';
import { imageName, type ImageName } from '../../src/core/image';
import { readImageReference, type ImageReference } from '../../src/core/trust/image-reference';
import { refused } from '../../src/core/trust/refusal';
import type { Cli } from '../cli';
import { CliError, usageError } from '../exit-code';
import { shown } from '../output';

/** Which digest a tag names now, or undefined if it names none. */
export type ResolveTag = (
  reference: ImageReference & { readonly tag: string },
) => Promise<string | undefined>;

/**
 * The image that is asked about: by its digest. A tag is a question of its own, and is answered only where
 * that is asked for.
 */
export async function imageAsked(
  text: string,
  { resolveTag }: ImageOptions,
  resolve: ResolveTag,
  { out }: Pick<Cli, 'out'>,
): Promise<ImageName> {
  const read = readImageReference(text);
  if (!read.ok) throw usageError(read.error);
  const { account, region, repository, tag, digest } = read.value;
  if (digest !== undefined) return imageName({ account, region, repository, digest });
  const given = JSON.stringify(shown(text, 500));
  if (tag === undefined || resolveTag !== true) {
    const { reason, says, remedy } = refused(`the image ${given}`, 'TAG_NOT_DIGEST');
    throw usageError(
      `${reason}: ${says}; ${remedy}${tag === undefined ? '' : ', or --resolve-tag to look up once what the tag names now'}`,
    );
  }
  const found = await resolve({ ...read.value, tag });
  if (found === undefined) {
    throw new CliError(`there is no image ${given}: push it first, or look at its tag`);
  }
  out.note(`${shown(repository)}:${shown(tag)} is ${found}`);
  return imageName({ account, region, repository, digest: found });
}

import { chainIds } from './chain-ids';
import { newestFirst, type KnownBase, type KnownBases } from './known-bases';
import { sharedLine } from './tag-line';
import { imageOf, repositoryOf, type ImageName } from '../image/image';

/**
 * What an image is built on: the known base with the most layers, whose layers are the lowest of the image.
 * Only layers decide. What an image says of itself is not looked at.
 */
export function baseOf(
  { images }: KnownBases,
  image: ImageName,
  diffIds: readonly string[],
): KnownBase | undefined {
  const ids = chainIds(diffIds);
  const own = { repository: repositoryOf(image), digest: imageOf(image).digest };
  return (
    images
      .filter(base => ids[base.layers - 1] === base.chain)
      .filter(base => imageOf(base.image).digest !== own.digest)
      // a build of the same base that only changed its config
      .filter(base => repositoryOf(base.image) !== own.repository || base.layers < ids.length)
      .sort((a, b) => b.layers - a.layers || newestFirst(a, b))[0]
  );
}

/** A base image that an image could be rebuilt on. */
export interface NewerBase {
  readonly base: KnownBase;
  /** It has a tag of the same line. Undefined if the tags of one of them are not known. */
  readonly isSameLine?: boolean;
  /** No newer one passes. */
  readonly isNewest: boolean;
}

/**
 * Newer images of the same repository that passed: those with the closest tags first, and of these the newest
 * first.
 */
export function newerBases({ images }: KnownBases, base: KnownBase): NewerBase[] {
  const newer = images.filter(
    each =>
      each.outcome === 'PASS' &&
      each.chain !== base.chain &&
      each.platform === base.platform &&
      repositoryOf(each.image) === repositoryOf(base.image) &&
      newestFirst(each, base) < 0,
  );
  const [newest] = [...newer].sort(newestFirst);
  return newer
    .map(each => ({ each, shared: sharedLine(each.tags, base.tags) }))
    .sort((a, b) => b.shared - a.shared || newestFirst(a.each, b.each))
    .map(({ each, shared }) => ({
      base: each,
      isNewest: each === newest,
      ...(each.tags.length > 0 && base.tags.length > 0 && { isSameLine: shared > 0 }),
    }));
}

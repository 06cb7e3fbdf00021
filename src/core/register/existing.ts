import { isGone, type RegisterRow } from './row';
import { imageName, imageOf, sibling } from '../image/image';

/**
 * Without images that were deleted, and without indexes all of whose images were. They stay on record, and
 * nobody has to do anything about them.
 */
export function existing(rows: readonly RegisterRow[]): RegisterRow[] {
  const gone = new Set(rows.filter(isGone).map(({ pk }) => pk));
  return rows.filter(({ pk, kind, children = [] }) => {
    const isEmptyIndex =
      kind === 'index' &&
      children.length > 0 &&
      children.every(({ digest }) => gone.has(imageName(sibling(imageOf(pk), digest))));
    return !gone.has(pk) && !isEmptyIndex;
  });
}

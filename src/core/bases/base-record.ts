import * as z from 'zod';
import { newerBases } from './base-of';
import type { KnownBase, KnownBases } from './known-bases';
import { ImageName } from '../image/image';

/** `base.json`, beside the page of a verdict: what the image is built on, and whose its findings are. */
export const BaseRecord = z.object({
  schema: z.literal(1),
  image: ImageName,
  base: ImageName,
  /** How many findings come from the base image. */
  findings: z.number().int(),
  /** How many are the image's own. */
  own: z.number().int(),
});
export type BaseRecord = z.infer<typeof BaseRecord>;

/**
 * A newer base image that passes and is of the same line of tags, or of which no tags are known. Undefined if
 * there is none, or the base image is not known any more.
 */
export function replacementOf(
  bases: KnownBases,
  image: string,
  passes: (image: string) => boolean,
): KnownBase | undefined {
  const base = bases.images.find(each => each.image === image);
  if (base === undefined) return undefined;
  return newerBases(bases, base).find(
    ({ base: newer, isSameLine }) => isSameLine !== false && passes(newer.image),
  )?.base;
}

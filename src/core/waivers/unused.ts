import type { Waivers } from './waiver';
import { WAIVER_KEY_CHARACTERS } from '../evidence/verdict';

/** Which waivers cover something in any image now. */
export interface UsedWaivers {
  /** The first characters of their keys. */
  readonly keys: ReadonlySet<string>;
  /** From this key on there may be more: some images have no room for all of theirs. */
  readonly unknownFrom?: string;
}

/**
 * Waivers that cover nothing in any image. Where several cover one finding, only the one that ends last is
 * used. A waiver that may be used is not among them.
 */
export function unusedWaivers(waivers: Waivers, { keys, unknownFrom }: UsedWaivers): Waivers {
  const mayBeUsed = (key: string) => keys.has(key) || (unknownFrom !== undefined && key >= unknownFrom);
  return waivers.filter(({ key }) => !mayBeUsed(key.slice(0, WAIVER_KEY_CHARACTERS)));
}

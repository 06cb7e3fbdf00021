import { digestOf } from '../text/sha256';

/**
 * The ids of the lowest layer, the lowest two, and so on: each is a hash of the layer and all below it. Two
 * images share an id only if they share all these layers.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
export function chainIds(diffIds: readonly string[]): string[] {
  const ids: string[] = [];
  for (const diffId of diffIds) ids.push(ids.length === 0 ? diffId : digestOf(`${ids.at(-1)!} ${diffId}`));
  return ids;
}

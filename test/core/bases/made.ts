import { chainIds } from '../../../src/core/bases/chain-ids';
import type { KnownBase } from '../../../src/core/bases/known-bases';
import { digestOf } from '../../../src/core/text/sha256';

/** Layers by their names. */
export function layersOf(...names: string[]): string[] {
  return names.map(name => digestOf(name));
}

export function imageIn(repository: string, name: string): string {
  return `000000000000.us-east-1/${repository}@${digestOf(name)}`;
}

/** A base image of these layers, built on that day of November. */
export function base(
  name: string,
  layers: readonly string[],
  changes: Partial<KnownBase> & { readonly repository?: string; readonly day?: number } = {},
): KnownBase {
  const { repository = 'base/node', day = 1, ...rest } = changes;
  const at = `2026-11-${String(day).padStart(2, '0')}T00:00:00.000Z`;
  return {
    image: imageIn(repository, name),
    platform: 'linux/amd64',
    layers: layers.length,
    chain: chainIds(layersOf(...layers)).at(-1) ?? digestOf(''),
    tags: [],
    builtAt: at,
    since: at,
    outcome: 'PASS',
    ...rest,
  };
}

import * as z from 'zod';
import { parseUnambiguousJson } from '../json';
import type { Descriptor } from './manifest';

const DIFF_ID = /^sha256:[0-9a-f]{64}$/;

const Config = z.object({
  rootfs: z.object({ diff_ids: z.array(z.string().regex(DIFF_ID)) }),
});

/**
 * Why these layers cannot be scanned, or undefined. The pusher writes the config, and scanners and runtimes find layers by its
 * `diff_ids`: where these do not match the layers one to one, a scanner can be shown other files than those that will run (rule 5.1).
 */
export function whyUnscannable(layers: readonly Descriptor[], config: string): string | undefined {
  const parsed = Config.safeParse(parseUnambiguousJson(config, ['rootfs', 'diff_ids']));
  if (!parsed.success) return 'its config has no list of diff_ids, or more than one';
  const diffIds = parsed.data.rootfs.diff_ids;
  if (diffIds.length !== layers.length) return `its config names ${diffIds.length} diff_ids for ${layers.length} layers`;
  const remote = layers.find(layer => layer.urls !== undefined && layer.urls.length > 0);
  if (remote !== undefined) return `its layer ${remote.digest} is to be fetched from elsewhere (urls)`;

  const digestOf = new Map<string, string>();
  const diffIdOf = new Map<string, string>();
  for (const [index, { digest }] of layers.entries()) {
    const diffId = diffIds[index]!;
    if ((digestOf.get(diffId) ?? digest) !== digest) return `its config gives two layers the diff_id ${diffId}`;
    if ((diffIdOf.get(digest) ?? diffId) !== diffId) return `its config gives the layer ${digest} two diff_ids`;
    digestOf.set(diffId, digest);
    diffIdOf.set(digest, diffId);
  }
  return undefined;
}

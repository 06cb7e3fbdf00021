import * as z from 'zod';
import { parseUnambiguousJson } from '../json';

const Config = z.object({
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
  history: z.array(z.object({ created_by: z.string().optional(), empty_layer: z.boolean().optional() })).optional(),
});

/** The CMD of a Dockerfile, as the classic builder and as BuildKit write it into the history. */
const CMD = /^(?:\/bin\/sh -c #\(nop\) {2}CMD|CMD)/;

/**
 * How many of the image's first layers Trivy takes for those of a base image, and so searches for no secrets: the layers up to an earlier CMD
 * in the history, which whoever builds the image writes. No flag of Trivy says otherwise, so it is worked out as Trivy 0.74 does
 * (`GuessBaseImageIndex`, `guessBaseLayers`), to be told.
 */
export function unsearchedLayers(config: string): number {
  const parsed = Config.safeParse(parseUnambiguousJson(config, ['rootfs', 'diff_ids', 'history', 'created_by', 'empty_layer']));
  if (!parsed.success) return 0; // such an image is not scanned
  const { history = [], rootfs: { diff_ids: diffIds } } = parsed.data;
  const hasLayer = history.map(({ empty_layer: isEmpty }) => isEmpty !== true);
  const ownCommand = hasLayer.lastIndexOf(true); // what comes after the last layer is the image's own
  const baseCommand = history.map(({ created_by: by }, index) => index < ownCommand && !hasLayer[index] && CMD.test(by ?? '')).lastIndexOf(true);
  const layers = hasLayer.slice(0, baseCommand + 1).filter(each => each).length;
  return layers > diffIds.length ? 0 : layers;
}

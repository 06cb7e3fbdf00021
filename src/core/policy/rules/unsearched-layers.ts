import { defineRule } from '../rule';

/** Layers that Trivy searched for no secrets, since it takes them for a base image's: nearly every image has some, so `standard()` only warns. */
export const unsearchedLayers = defineRule('unsearched-layers', {}, ({ coverage: { unsearchedLayers: count } }) => ({
  complaints: count === 0 ? [] : [{
    message: `Trivy searched the first ${count} layer${count === 1 ? '' : 's'} for no secrets: by the image's history a base image ends there`,
    remedy: 'have the base image scanned as an image of its own; this image\'s history is written by whoever builds it',
  }],
}));

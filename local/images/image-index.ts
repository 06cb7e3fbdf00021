import { Content, describe, json } from './content';
import { MEDIA_TYPES, MediaTypeFamily } from './media-types';

/** An index over images, in the order given; each child keeps the platform that it was built for. */
export function buildIndex(children: readonly Content[], mediaTypes: MediaTypeFamily = 'oci'): Content {
  const mediaType = MEDIA_TYPES[mediaTypes].index;
  const bytes = json({ schemaVersion: 2, mediaType, manifests: children.map(child => child.descriptor) });
  return { descriptor: describe(bytes, mediaType), bytes, blobs: [], children };
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Content, Descriptor, json } from './content';
import { MEDIA_TYPES } from './media-types';

/**
 * Write an image to a folder, as `trivy image --input` and `crane push` read it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function writeLayout(folder: string, content: Content, tag = 'latest'): Promise<void> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  for (const { descriptor, bytes } of everythingIn(content)) {
    await writeFile(join(folder, 'blobs', ...descriptor.digest.split(':')), bytes);
  }
  const top = {
    ...content.descriptor,
    annotations: { ...content.descriptor.annotations, 'org.opencontainers.image.ref.name': tag },
  };
  await writeFile(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(folder, 'index.json'),
    json({ schemaVersion: 2, mediaType: MEDIA_TYPES.oci.index, manifests: [top] }),
  );
}

function everythingIn(content: Content): { readonly descriptor: Descriptor; readonly bytes: Buffer }[] {
  return [
    content,
    ...content.blobs.filter(blob => !blob.withheld),
    ...content.children.flatMap(everythingIn),
  ];
}

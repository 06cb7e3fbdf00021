import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackedLayer } from './layer-tar';
import { blob, json } from '../../../local/images/content';
import { MEDIA_TYPES } from '../../../local/images/media-types';

const { config, layer, manifest } = MEDIA_TYPES.oci;

/**
 * An OCI layout of layers that are files already, since they are too large for the memory. The digest of the
 * image.
 */
export async function writeLayoutOf(folder: string, layers: readonly PackedLayer[]): Promise<string> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const { file, digest } of new Map(layers.map(each => [each.digest, each])).values()) {
    await link(file, join(blobs, digest.slice('sha256:'.length)));
  }
  const image = blob(
    json({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map((_, at) => ({ created_by: `step ${at + 1}` })),
    }),
    config,
  );
  const whole = blob(
    json({
      schemaVersion: 2,
      mediaType: manifest,
      config: image.descriptor,
      layers: layers.map(({ digest, size }) => ({ mediaType: layer, digest, size })),
    }),
    manifest,
  );
  for (const { bytes, descriptor } of [image, whole]) {
    await writeFile(join(blobs, descriptor.digest.slice('sha256:'.length)), bytes);
  }
  await writeFile(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(folder, 'index.json'), json({ schemaVersion: 2, manifests: [whole.descriptor] }));
  return whole.descriptor.digest;
}

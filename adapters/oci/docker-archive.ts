import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, stat, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { compressionOf } from './compression';
import { LayoutSource } from './layout';
import { readRegular } from './regular-file';
import { MediaType, readManifest, type Manifest } from '../../src/core/image/manifest';
import { Limit } from '../../src/core/limits';
import { parseUnambiguousJson } from '../../src/core/text/json';
import { quoted } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';

/** By the names of an archive: the files that lie in the folder now. */
export type Unpacked = ReadonlyMap<string, string>;

const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/;
const LAYER = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;
const ManifestFile = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()).max(1000) }));
type Named = z.infer<typeof ManifestFile>[number];

/**
 * An archive without a layout becomes one. A registry may give the image another digest, as layers are
 * compressed there.
 */
export async function writeLayout(folder: string, unpacked: Unpacked, title: string): Promise<void> {
  const image = await namedImage(folder, unpacked, title);
  const moved = new Map<string, Blob>(); // by files: two names may be one
  const blobs = new Map<string, Blob>();
  for (const name of new Set([image.Config, ...image.Layers])) {
    const file = fileOf(name, unpacked, title);
    const blob = moved.get(file) ?? (await intoBlobs(folder, file));
    moved.set(file, blob);
    blobs.set(name, blob);
  }
  const { mediaType: _config, ...config } = blobs.get(image.Config)!;
  await writeFile(
    join(folder, 'draft'),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { mediaType: MediaType.ociConfig, ...config },
      layers: image.Layers.map(name => blobs.get(name)!),
    }),
  );
  const written = { ...(await intoBlobs(folder, 'draft')), mediaType: MediaType.ociManifest };
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [written] }));
}

/**
 * An archive with both: what loads it reads one of them, and a scan the other. Both must name the same config
 * and the same layers.
 */
export async function refuseTwoImages(folder: string, unpacked: Unpacked, title: string): Promise<void> {
  const image = await namedImage(folder, unpacked, title);
  const [config, ...layers] = await Promise.all(
    [image.Config, ...image.Layers].map(name => digestIn(folder, name, fileOf(name, unpacked, title))),
  );
  const manifests = await manifestsIn(await LayoutSource.open(folder, title));
  const isSame = (of: Extract<Manifest, { kind: 'image' }>) =>
    of.config.digest === config && of.layers.map(({ digest }) => digest).join() === layers.join();
  if (manifests === undefined || manifests.some(isSame)) return;
  throw new UserError(
    `${title} is two images: its manifest.json names the config ${config} with ${layers.length} layers, and its index.json does not; save the image again`,
  );
}

/**
 * The images of its index.json, as far as they are in it; undefined where these are no images, which the scan
 * will say.
 */
async function manifestsIn(
  layout: LayoutSource,
): Promise<Extract<Manifest, { kind: 'image' }>[] | undefined> {
  const top = readManifest(await layout.manifest(layout.top), layout.top.mediaType);
  if (top.kind === 'image') return [top];
  if (top.kind !== 'index') return undefined;
  const texts = await Promise.all(
    top.children.map(async child => ({ child, text: await layout.manifest(child).catch(() => undefined) })),
  );
  return texts.flatMap(({ child, text }) => {
    const manifest = text === undefined ? undefined : readManifest(text, child.mediaType);
    return manifest?.kind === 'image' ? [manifest] : [];
  });
}

async function namedImage(folder: string, unpacked: Unpacked, title: string): Promise<Named> {
  const bytes = unpacked.has('manifest.json')
    ? await readRegular(join(folder, 'manifest.json'), Limit.manifestBytes)
    : undefined;
  const manifest = ManifestFile.safeParse(
    bytes instanceof Buffer ? parseUnambiguousJson(bytes.toString('utf8'), ['Config', 'Layers']) : undefined,
  );
  const has = unpacked.has('index.json')
    ? 'its manifest.json cannot be read'
    : 'it has neither an index.json nor a manifest.json that can be read';
  if (!manifest.success) throw new UserError(`${title} is no archive of an image: ${has}`);
  const [image, ...more] = manifest.data;
  if (image === undefined || more.length > 0) {
    throw new UserError(
      `${title} holds ${manifest.data.length} images, allowed: 1; save each into an archive of its own`,
    );
  }
  return image;
}

function fileOf(name: string, unpacked: Unpacked, title: string): string {
  const file = unpacked.get(posix.normalize(name));
  if (file === undefined) {
    throw new UserError(`${title} is not whole: ${quoted(name, 100)} is not in it; save the image again`);
  }
  return file;
}

/** A blob is compared with its name before it is scanned. */
async function digestIn(folder: string, name: string, file: string): Promise<string> {
  const [, hex] = BLOB.exec(posix.normalize(name)) ?? [];
  return `sha256:${hex ?? (await hashOf(join(folder, file)))}`;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What loads an archive tells the compression of a layer by its first bytes: here it is written down. */
async function intoBlobs(folder: string, file: string): Promise<Blob> {
  const from = join(folder, file);
  const compression = await compressionOf(from);
  const hex = await hashOf(from);
  const { size } = await stat(from);
  await rename(from, join(folder, 'blobs', 'sha256', hex));
  return {
    mediaType: compression === 'gzip' || compression === 'zstd' ? LAYER[compression] : LAYER.none,
    digest: `sha256:${hex}`,
    size,
  };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import * as z from 'zod';
import { parseJson } from '../../src/core/json';
import { Limit } from '../../src/core/limits';
import { MediaType } from '../../src/core/scanning/manifest';
import { CliError } from '../exit-code';
import { shown } from '../output';

const MOST_ENTRIES = 10_000;
const BLOB = /^blobs\/sha256\/[0-9a-f]{64}$/;
const SMALL: readonly string[] = ['index.json', 'oci-layout', 'manifest.json'];
/** Of before OCI layouts: `<hex>.json` is the config, `<hex>/layer.tar` a layer. */
const CLASSIC = /^(?:[0-9a-f]{64}\.json|[0-9a-f]{64}\/layer\.tar|sha256:[0-9a-f]{64}|[0-9a-f]{64}\.tar(?:\.gz)?)$/;

/** Unpacks what docker save, podman save, crane or buildx wrote, into a layout: what an image consists of, each under a name of ours, and nothing else. */
export async function unpackArchive(file: string, folder: string, title: string): Promise<void> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const unpacked = await unpack(file, folder).catch((error: unknown) => {
    if (error instanceof CliError) throw error;
    throw new CliError(`${title} cannot be read as a tar: ${shown(error instanceof Error ? error.message : String(error))}; it is cut off, or no archive of an image`);
  });
  if (!unpacked.has('index.json')) await writeLayout(folder, unpacked, title);
}

/** The files that were unpacked: by their names in the archive, and what they are called in the folder. */
type Unpacked = ReadonlyMap<string, string>;

async function unpack(file: string, folder: string): Promise<Unpacked> {
  const unpacked = new Map<string, string>();
  const links = new Map<string, string>();
  const archive = extract();
  const { size: fileSize } = await stat(file);
  const reading = await isGzip(file) ? pipeline(createReadStream(file), createGunzip(), archive) : pipeline(createReadStream(file), archive);
  reading.catch(() => undefined); // the loop below throws the same
  let entries = 0;
  let bytes = 0;
  for await (const entry of archive) {
    const name = entry.header.name.replace(/^\.\//, '');
    entries += 1;
    bytes += entry.header.size ?? 0;
    if (entries > MOST_ENTRIES || bytes > Limit.imageBytes) throw new CliError(`the archive has more than ${MOST_ENTRIES} files or ${Limit.imageBytes} bytes, which no image is scanned with`);
    const target = linkTarget(entry.header, name);
    if (target !== undefined && isKnown(name)) links.set(name, target);
    if (entry.header.type !== 'file' || !isKnown(name)) {
      entry.resume();
      continue;
    }
    const written = SMALL.includes(name) || BLOB.test(name) ? name : `classic-${entries}`;
    await pipeline(entry, createWriteStream(join(folder, written)));
    unpacked.set(name, written);
  }
  await reading;
  if (fileSize === 0 || entries === 0) throw new Error('it is empty');
  for (const [name, target] of links) {
    const written = unpacked.get(target);
    if (CLASSIC.test(name) && CLASSIC.test(target) && written !== undefined && !unpacked.has(name)) unpacked.set(name, written);
  }
  return unpacked;
}

/** The name in the archive that a link stands for: docker save writes a layer that comes twice once, and a link to it. It is looked up, and never followed. */
function linkTarget({ type, linkname }: Header, name: string): string | undefined {
  if (type === 'link') return posix.normalize(linkname);
  return type === 'symlink' ? posix.normalize(posix.join(posix.dirname(name), linkname)) : undefined;
}

function isKnown(name: string): boolean {
  return SMALL.includes(name) || BLOB.test(name) || CLASSIC.test(name);
}

async function isGzip(file: string): Promise<boolean> {
  const [first] = await createReadStream(file, { end: 1 }).take(1).toArray() as Buffer[];
  return first?.[0] === 0x1f && first[1] === 0x8b;
}

const ClassicManifest = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()).max(1000) }));

/** An archive of before OCI layouts becomes one. A registry gives the image another digest, as layers are compressed there. */
async function writeLayout(folder: string, unpacked: Unpacked, title: string): Promise<void> {
  const text = unpacked.has('manifest.json') ? await readFile(join(folder, 'manifest.json'), 'utf8') : '';
  const manifest = ClassicManifest.safeParse(text.length > Limit.manifestBytes ? undefined : parseJson(text));
  if (!manifest.success) throw new CliError(`${title} is no archive of an image: it has neither an index.json nor a manifest.json that can be read`);
  const [image, ...more] = manifest.data;
  if (image === undefined || more.length > 0) throw new CliError(`${title} holds ${manifest.data.length} images, allowed: 1; save each into an archive of its own`);
  const moved = new Map<string, { digest: string; size: number }>(); // by files: two names may be one
  const blobs = new Map<string, { digest: string; size: number }>();
  for (const name of new Set([image.Config, ...image.Layers])) {
    const file = unpacked.get(name);
    if (file === undefined) throw new CliError(`${title} is not whole: ${JSON.stringify(shown(name, 100))} is not in it; save the image again`);
    const blob = moved.get(file) ?? await intoBlobs(folder, file);
    moved.set(file, blob);
    blobs.set(name, blob);
  }
  const written = await asBlob(folder, JSON.stringify({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: { mediaType: MediaType.ociConfig, ...blobs.get(image.Config)! },
    layers: image.Layers.map(name => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...blobs.get(name)! })),
  }));
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: MediaType.ociManifest, ...written }] }));
}

async function intoBlobs(folder: string, file: string): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(folder, file)), hash);
  const hex = hash.digest('hex');
  const { size } = await stat(join(folder, file));
  await rename(join(folder, file), join(folder, 'blobs', 'sha256', hex));
  return { digest: `sha256:${hex}`, size };
}

async function asBlob(folder: string, text: string): Promise<{ digest: string; size: number }> {
  await writeFile(join(folder, 'draft'), text);
  return intoBlobs(folder, 'draft');
}

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { run } from '../../../local/tools/command';

export interface PackedLayer {
  readonly file: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
}

/** A device of these numbers is how overlayfs notes that something was deleted. */
const DELETED = 0;

/**
 * Packs what overlayfs holds of one step, as Docker and containerd do: a deletion is a file `.wh.<name>`, and
 * a folder that hides the one below has a mark of its own. Sockets and pipes are of a process, and are left
 * out.
 */
export async function packChanges(folder: string, to: string): Promise<PackedLayer> {
  const archive = pack();
  const [whole, packed] = [createHash('sha256'), createHash('sha256')];
  let size = 0;
  const raw = new PassThrough().on('data', (chunk: Buffer) => whole.update(chunk));
  const zipped = new PassThrough().on('data', (chunk: Buffer) => {
    packed.update(chunk);
    size += chunk.length;
  });
  const written = pipeline(
    archive,
    raw,
    createGzip({ level: constants.Z_BEST_SPEED }),
    zipped,
    createWriteStream(to),
  );
  await Promise.all([written, packFolder(archive, { folder, opaque: await opaqueFolders(folder) })]);
  return {
    file: to,
    digest: `sha256:${packed.digest('hex')}`,
    diffId: `sha256:${whole.digest('hex')}`,
    size,
  };
}

interface Source {
  readonly folder: string;
  readonly opaque: ReadonlySet<string>;
  /** Where a file of several names was written first. */
  readonly links?: Map<number, string>;
}

async function packFolder(archive: Pack, source: Source): Promise<void> {
  const all = { ...source, links: new Map<number, string>() };
  for (const name of (await readdir(source.folder)).sort()) await packPath(archive, all, name);
  archive.finalize();
}

async function packPath(archive: Pack, source: Required<Source>, name: string): Promise<void> {
  const path = join(source.folder, name);
  const found = await lstat(path);
  const header = { name, mode: found.mode % 0o10000, uid: found.uid, gid: found.gid, mtime: found.mtime };
  if (found.isDirectory()) {
    await entry(archive, { ...header, type: 'directory' });
    if (source.opaque.has(path)) {
      await entry(archive, { ...header, name: `${name}/.wh..wh..opq`, type: 'file' });
    }
    for (const child of (await readdir(path)).sort()) await packPath(archive, source, join(name, child));
  } else if (found.isSymbolicLink()) {
    await entry(archive, { ...header, type: 'symlink', linkname: await readlink(path) });
  } else if (found.isFile()) {
    const first = source.links.get(found.ino);
    if (first !== undefined) return entry(archive, { ...header, type: 'link', linkname: first });
    if (found.nlink > 1) source.links.set(found.ino, name);
    await packFile(archive, header, found, path);
  } else if (found.isCharacterDevice() && found.rdev === DELETED) {
    const at = name.lastIndexOf('/') + 1;
    await entry(archive, { ...header, name: `${name.slice(0, at)}.wh.${name.slice(at)}`, type: 'file' });
  }
}

type Header = Parameters<Pack['entry']>[0];

function entry(archive: Pack, header: Header): Promise<void> {
  return new Promise((resolve, reject) =>
    archive.entry({ ...header, size: 0 }, Buffer.alloc(0), error => (error ? reject(error) : resolve())),
  );
}

async function packFile(archive: Pack, header: Header, { size }: Stats, path: string): Promise<void> {
  if (size === 0) return entry(archive, { ...header, type: 'file' });
  await new Promise<void>((resolve, reject) => {
    const into = archive.entry({ ...header, size, type: 'file' }, error =>
      error ? reject(error) : resolve(),
    );
    createReadStream(path).on('error', reject).pipe(into);
  });
}

/** Node reads no extended attributes. */
async function opaqueFolders(folder: string): Promise<Set<string>> {
  const { code, stdout, stderr } = await run('python3', ['-c', FIND_OPAQUE, folder]);
  if (code !== 0) {
    throw new Error(`the marks of overlayfs in ${folder} cannot be read: ${stderr.slice(-500)}`);
  }
  return new Set(stdout.split('\0').filter(path => path !== ''));
}

const FIND_OPAQUE = `
import os, sys
for folder, _, _ in os.walk(sys.argv[1]):
    if 'trusted.overlay.opaque' in os.listxattr(folder) and os.getxattr(folder, 'trusted.overlay.opaque') == b'y':
        sys.stdout.buffer.write(os.fsencode(folder) + b'\\0')
`;

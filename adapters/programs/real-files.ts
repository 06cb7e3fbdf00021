import { copyFile, link, lstat, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

const BLOBS = join('blobs', 'sha256');

/**
 * A layout whose blobs are files: as it is, or in that folder where some are links, as Bazel writes them.
 * WebAssembly follows none that leads out of its folder.
 */
export async function withRealFiles(layout: string, folder: string): Promise<string> {
  const blobs = await readdir(join(layout, BLOBS), { withFileTypes: true }).catch(() => []);
  if (
    !blobs.some(each => each.isSymbolicLink()) &&
    !(await isLink(join(layout, 'blobs'))) &&
    !(await isLink(join(layout, BLOBS)))
  ) {
    return layout;
  }
  await mkdir(join(folder, BLOBS), { recursive: true });
  for (const { name } of blobs) await putFile(join(layout, BLOBS, name), join(folder, BLOBS, name));
  return folder;
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    found => found.isSymbolicLink(),
    () => false,
  );
}

/**
 * What is no file, or leads to none, is left out: then it is not there, and the reader says so. A copy is
 * made where the disk is another.
 */
async function putFile(from: string, to: string): Promise<void> {
  const found = await stat(from).catch(() => undefined);
  if (found?.isFile() !== true) return;
  const file = await realpath(from);
  await link(file, to).catch(() => copyFile(file, to));
}

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/**
 * Everything that a build of this folder reads. Go leaves out tests, and folders that are modules of their
 * own.
 */
export async function readGoSources(folder: string): Promise<Buffer> {
  const all = await readdir(folder, { recursive: true });
  const modules = all.filter(file => file.endsWith(`${sep}go.mod`)).map(file => `${dirname(file)}${sep}`);
  return readSources(
    folder,
    all
      .filter(file => /(?:\.go|^go\.mod|^go\.sum)$/.test(file) && !file.endsWith('_test.go'))
      .filter(file => !modules.some(module => file.startsWith(module))),
  );
}

/** Each file with its name and its length, so that nothing can move between two files unseen. */
export async function readSources(folder: string, files: readonly string[]): Promise<Buffer> {
  const parts = await Promise.all(
    [...files].sort().map(async file => {
      const content = await readFile(join(folder, file));
      return Buffer.concat([Buffer.from(`${file}\0${content.length}\0`), content]);
    }),
  );
  return Buffer.concat(parts);
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Everything that a build of this folder reads: each file with its name and its length, so that nothing can
 * move between two files unseen.
 */
export async function readGoSources(folder: string): Promise<Buffer> {
  const files = (await readdir(folder, { recursive: true }))
    .filter(file => /(?:\.go|^go\.mod|^go\.sum)$/.test(file))
    .sort();
  const parts = await Promise.all(
    files.map(async file => {
      const content = await readFile(join(folder, file));
      return Buffer.concat([Buffer.from(`${file}\0${content.length}\0`), content]);
    }),
  );
  return Buffer.concat(parts);
}

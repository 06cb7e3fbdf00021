import { lstat, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { GeneratedFile } from './pipeline';
import { usageError, type UserError } from '../../src/core/user-error';

/** Writes a file. It overwrites nothing without `force`, and follows no link to another place. */
export async function writeGenerated(
  cwd: string,
  { path, content }: GeneratedFile,
  { force }: { readonly force: boolean },
): Promise<void> {
  if ((await isTaken(cwd, path)) && !force) throw taken([path]);
  const file = join(cwd, path);
  await mkdir(dirname(file), { recursive: true });
  // removes this name only: other hard links of the file keep its content
  if (force) await rm(file, { force: true });
  await writeFile(file, content, { flag: 'wx' }); // wx follows no link
}

/**
 * Whether the file exists. Throws if the path is not a file, or leads through a link out of this folder: an
 * untrusted repository may contain such links.
 */
export async function isTaken(cwd: string, path: string): Promise<boolean> {
  const root = await realpath(cwd);
  const parts = path.split('/');
  for (const folder of parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join('/'))) {
    if ((await kindOf(join(cwd, folder))) === undefined) return false; // it will be created
    const real = await realpath(join(cwd, folder)).catch(() => undefined);
    if (real === undefined || !isWithin(root, real)) {
      throw refusal(
        `${folder} is a link that leads out of this folder, and nothing was written: put a folder in its place`,
      );
    }
  }
  const kind = await kindOf(join(cwd, path));
  if (kind !== undefined && kind !== 'a file') {
    throw refusal(`${path} is ${kind}, and nothing was written, allowed: a file, or nothing; move it away`);
  }
  return kind !== undefined;
}

export function taken(paths: readonly string[]): UserError {
  return refusal(
    `${paths.join(', and ')} is there already, and nothing was written: move it away, or overwrite it with --force`,
  );
}

async function kindOf(file: string): Promise<string | undefined> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return 'a link';
  return found.isFile() ? 'a file' : found.isDirectory() ? 'a folder' : 'a device or a pipe';
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way.split(/[/\\]/)[0] !== '..' && !isAbsolute(way);
}

function refusal(text: string): UserError {
  return usageError(text);
}

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GeneratedFile } from './pipeline';
import { CliError, ExitCode } from '../exit-code';

/** Writes a file, and takes nobody's work away. */
export async function writeGenerated(cwd: string, { path, content }: GeneratedFile, { force }: { readonly force: boolean }): Promise<void> {
  const file = join(cwd, path);
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, content, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CliError(`${path} is there already, and nothing was written: move it away, or overwrite it with --force`, ExitCode.usage);
  }
}

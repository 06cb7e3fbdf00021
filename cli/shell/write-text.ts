import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Cli } from './cli';
import { quoted } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';

/**
 * Writes where the user says, through links too: they chose the path. `init` writes to paths that they did
 * not choose.
 */
export async function writeText(file: string, text: string, { cwd }: Pick<Cli, 'cwd'>): Promise<void> {
  await writeFile(resolve(cwd, file), `${text}\n`).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `${quoted(file, 300)} cannot be written (${error.code}): check the folder and its permissions`,
    );
  });
}

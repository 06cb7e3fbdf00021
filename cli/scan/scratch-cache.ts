import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../exit-code';
import { shown } from '../output';

const DATABASES = ['db', 'java-db'] as const;

/**
 * A cache for one run that leads to the databases of the named one, and to nothing else in it: with `--skip-check-update` too Trivy takes the
 * checks that lie in `policy/` of its cache for the ones that it has built in, and whoever wrote them there would decide what is found.
 */
export async function makeScratchCache(folder: string, named: string): Promise<void> {
  await mkdir(folder);
  for (const database of DATABASES) {
    const target = join(named, database);
    await mkdir(target, { recursive: true }).catch((error: NodeJS.ErrnoException) => { // what is downloaded has to land there
      throw new CliError(`the cache ${JSON.stringify(shown(named))} cannot be used (${error.code}), allowed: a folder that may be written; name another with --cache-dir`);
    });
    await symlink(target, join(folder, database), 'junction'); // of folders, Windows lets everybody make junctions only
  }
}

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mustRun } from './command';

export interface PythonPackages {
  /** The folder of the virtual environment. It is created once, and complete from then on. */
  readonly home: string;
  /** A requirements file with the hash of each package. */
  readonly requirements: string;
  readonly interpreter: string;
  /** What to do if the virtual environment, or a package, cannot be installed. */
  readonly remedy: { readonly environment: string; readonly packages: string };
}

/** Fills a draft folder, then renames it: another process sees the whole environment or nothing. */
export async function installPythonPackages(packages: PythonPackages): Promise<void> {
  const { home, requirements, interpreter, remedy } = packages;
  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(join(dirname(home), `.${basename(home)}-`));
  try {
    await mustRun(interpreter, ['-m', 'venv', draft], remedy.environment);
    await mustRun(
      join(draft, 'bin', 'python'),
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '--requirement',
        requirements,
      ],
      remedy.packages,
    );
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error; // else another process was faster, with the same packages
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

import { cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../src/core/text/json';
import { quoted } from '../../src/core/text/plain-text';
import { UserError } from '../../src/core/user-error';

const DATABASES = ['db', 'java-db'] as const;

/**
 * A cache for one run that leads to the databases of the named one, and to nothing else in it: with
 * `--skip-check-update` too Trivy takes the checks that lie in `policy/` of its cache for the ones that it
 * has built in, and whoever wrote them there would decide what is found.
 */
export async function makeScratchCache(folder: string, named: string): Promise<void> {
  await mkdir(folder);
  for (const database of DATABASES) {
    const target = join(named, database);
    await orSayWhich(named, mkdir(target, { recursive: true }));
    // of folders, Windows lets everybody make junctions only
    await symlink(target, join(folder, database), 'junction');
  }
}

/**
 * What was downloaded goes where the next run looks for it: Trivy does not follow the link, it puts a folder
 * in its place.
 */
export async function keepDownloads(folder: string, named: string): Promise<void> {
  for (const database of DATABASES) {
    const fresh = join(folder, database);
    if (await isDownloaded(fresh)) {
      await orSayWhich(named, replace(join(named, database), fresh, basename(dirname(folder))));
    }
  }
}

/** Trivy writes last when it was downloaded: without that it was cut off. */
async function isDownloaded(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) return false;
  const metadata = parseJson(await readFile(join(folder, 'metadata.json'), 'utf8').catch(() => '')) as
    | { DownloadedAt?: unknown }
    | null
    | undefined;
  return Date.parse(String(metadata?.DownloadedAt)) > 0;
}

/**
 * Beside it first: another run may be reading the one that is there, and the scratch folder may lie on
 * another disk.
 */
async function replace(target: string, fresh: string, run: string): Promise<void> {
  const beside = `${target}-${run}`;
  try {
    await rename(fresh, beside).catch(() => cp(fresh, beside, { recursive: true }));
    await rm(target, { recursive: true, force: true });
    await rename(beside, target);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function orSayWhich(named: string, work: Promise<unknown>): Promise<void> {
  await work.catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `the cache ${quoted(named, 300)} cannot be used (${error.code}), allowed: a folder that may be written; name another with --cache-dir`,
    );
  });
}

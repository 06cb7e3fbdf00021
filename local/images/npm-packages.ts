import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Layer } from './layer';
import { cacheFolder } from '../tools/cache-folder';
import { mustRun } from '../tools/command';
import { readTarball } from '../tools/tarball';

/** A package as the npm registry serves it, by its pinned integrity. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/**
 * An application folder in which the packages are installed, without their own dependencies. Nothing of
 * theirs is run.
 */
export async function nodeModules(packages: readonly NpmPackage[], folder = 'app'): Promise<Layer> {
  const layer = new Layer();
  for (const each of packages) {
    for (const { path, content } of await readTarball(await archiveOf(each))) {
      layer.file(`${folder}/node_modules/${each.name}/${path.replace(/^[^/]+\//, '')}`, content);
    }
  }
  return layer;
}

async function archiveOf({ name, version, integrity }: NpmPackage): Promise<Buffer> {
  const folder = join(cacheFolder(), 'npm');
  const kept = join(folder, `${name.replace('/', '-')}-${version}.tgz`);
  const bytes = await readFile(kept).catch(() => pack(`${name}@${version}`, folder, kept));
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found === integrity) return bytes;
  await rm(kept, { force: true });
  throw new Error(
    `${name}@${version} has integrity ${found}, expected ${integrity}; run again, and distrust the registry if it stays so`,
  );
}

async function pack(spec: string, folder: string, kept: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, '.pack-'));
  try {
    await mustRun(
      'npm',
      ['pack', spec, '--silent', '--pack-destination', temporary],
      'an npm registry must be in reach the first time',
      { cwd: temporary },
    );
    await rename(join(temporary, (await readdir(temporary))[0]), kept);
    return await readFile(kept);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

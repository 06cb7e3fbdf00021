import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { dpkgInstalls } from './debian';
import { goInstall } from './go';
import { mavenCopies } from './java';
import { mustRun } from '../../../../local/tools/command';
import type { Step } from '../overlay';

const JARS = 40;
/** Where the files lie that Debian's advisories say nothing of. */
export const OF_VENDOR = /^(?:opt\/acme\/|usr\/bin\/acme-)/;

/** Two packages of a vendor that is not the distribution, of 8 programs in Go and 40 archives of Java. */
export const vendorsPackages: Step = dpkgInstalls(async folder => {
  const jars = join(folder, 'jars');
  const names = (await mavenCopies(jars)).slice(0, JARS);
  const platform = join(folder, 'platform');
  for (const name of names) await cp(join(jars, name), join(platform, 'opt/acme/platform/lib', name));
  await rm(jars, { recursive: true });

  const tools = join(folder, 'tools');
  await goInstall(join(tools, 'built'));
  await mkdir(join(tools, 'usr/bin'), { recursive: true });
  for (const name of await readdir(join(tools, 'built'))) {
    await cp(join(tools, 'built', name), join(tools, 'usr/bin', `acme-${name}`));
  }
  await rm(join(tools, 'built'), { recursive: true });
  return [
    await buildArchive(folder, 'platform', { Package: 'acme-platform', Version: '3.2.0-1' }),
    await buildArchive(folder, 'tools', { Package: 'acme-tools', Version: '1.4.0' }),
  ];
});

/** By dpkg's own tool, with the hashes that packages come with. */
async function buildArchive(
  folder: string,
  name: string,
  fields: { readonly Package: string; readonly Version: string },
): Promise<string> {
  const tree = join(folder, name);
  const all = {
    ...fields,
    Architecture: 'amd64',
    Maintainer: 'Acme <support@acme.example>',
    Description: 'of a vendor',
  };
  const hashes = (await filesIn(tree)).map(async file => {
    const hash = createHash('md5').update(await readFile(file));
    return `${hash.digest('hex')}  ${relative(tree, file)}\n`;
  });
  const sums = await Promise.all(hashes);
  await mkdir(join(tree, 'DEBIAN'));
  const control = Object.entries(all).map(([key, value]) => `${key}: ${value}\n`);
  await writeFile(join(tree, 'DEBIAN', 'control'), control.join(''));
  await writeFile(join(tree, 'DEBIAN', 'md5sums'), sums.join(''));
  await mustRun('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree], 'dpkg-deb must be on PATH');
  await rm(tree, { recursive: true });
  return `${name}.deb`;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

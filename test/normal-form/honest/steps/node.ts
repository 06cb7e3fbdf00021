import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../../../local/tools/command';
import { inChunks } from '../lists';
import type { Step } from '../overlay';

/** More in one project, and npm takes long to find versions that agree. */
const TOGETHER = 50;
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
/** Packages of other platforms are among the most used. */
const ANYWAY = ['--force', '--legacy-peer-deps'];

/** Some of the most used packages in versions of some years ago. */
const OLD = ['axios@0.21.1', 'lodash@4.17.15', 'minimist@1.2.5', 'qs@6.5.2', 'semver@5.7.1', 'ws@7.4.5'];

/** Projects that need the packages between them. */
export function npmInstalls(packages: readonly string[]): Step {
  return {
    name: `npm install ${packages.length}`,
    async change(root) {
      const before = existsSync(join(root, 'srv')) ? (await readdir(join(root, 'srv'))).length : 0;
      for (const [at, chunk] of inChunks(packages, TOGETHER).entries()) {
        await npm(root, before + at, ['install', ...chunk]);
      }
    },
  };
}

/** Older versions in the place of newer ones: npm overwrites what is there. */
export const npmOverwrites: Step = {
  name: 'npm install older',
  change: root => npm(root, 0, ['install', ...OLD]),
};

export const npmUpgrades: Step = {
  name: 'npm install latest',
  change: root => npm(root, 0, ['install', ...OLD.map(each => each.replace(/@[^@]+$/, '@latest'))]),
};

export function npmDeletes(packages: readonly string[]): Step {
  return { name: 'npm uninstall', change: root => npm(root, 0, ['uninstall', ...packages]) };
}

async function npm(root: string, project: number, args: readonly string[]): Promise<void> {
  const folder = join(root, 'srv', `project-${project}`);
  if (!existsSync(folder)) {
    await mkdir(folder, { recursive: true });
    const own = { name: `project-${project}`, version: '1.0.0', private: true };
    await writeFile(join(folder, 'package.json'), JSON.stringify(own));
  }
  await mustRun('npm', [...args, ...QUIET, ...ANYWAY], 'the registry of npm must be in reach', {
    cwd: folder,
  });
}

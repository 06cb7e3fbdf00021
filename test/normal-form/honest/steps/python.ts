import { join } from 'node:path';
import { mustRun } from '../../../../local/tools/command';
import { inChunks } from '../lists';
import type { Step } from '../overlay';

const TOGETHER = 50;
/** Nothing of a package is run: it comes built, and without what it needs. */
const PLAIN = [
  '--no-deps',
  '--only-binary=:all:',
  '--no-compile',
  '--no-warn-conflicts',
  '--disable-pip-version-check',
  '--root-user-action=ignore',
  '--quiet',
];
const REMEDY = 'the registry of Python must be in reach';
const TARGET = 'usr/local/lib/python3/site-packages';
const ENVIRONMENT = 'opt/venv';

const OLD = ['requests==2.27.1', 'urllib3==1.26.5', 'jinja2==2.11.3', 'pyyaml==6.0.1', 'idna==2.10'];

/** Into one folder, as images do that have no environment. */
export function pipInstalls(packages: readonly string[]): Step {
  return {
    name: `pip install --target ${packages.length}`,
    async change(root) {
      for (const chunk of inChunks(packages, TOGETHER)) {
        await mustRun('pip', ['install', ...PLAIN, `--target=${join(root, TARGET)}`, ...chunk], REMEDY);
      }
    },
  };
}

/** An environment of its own, in which pip also upgrades and deletes. */
export function venvInstalls(packages: readonly string[]): Step {
  return {
    name: `venv ${packages.length}`,
    async change(root) {
      await mustRun('python3', ['-m', 'venv', '--copies', join(root, ENVIRONMENT)], REMEDY);
      for (const chunk of inChunks(packages, TOGETHER)) await pip(root, ['install', ...PLAIN, ...chunk]);
    },
  };
}

export const venvOverwrites: Step = {
  name: 'venv older',
  change: root => pip(root, ['install', ...PLAIN, ...OLD]),
};

/** Into the folder itself: what the older version had, and the newer one has not, stays. */
export const targetOverwrites: Step = {
  name: 'pip install --target --upgrade older',
  async change(root) {
    await mustRun(
      'pip',
      ['install', ...PLAIN, '--upgrade', `--target=${join(root, TARGET)}`, ...OLD],
      REMEDY,
    );
  },
};

export const venvUpgrades: Step = {
  name: 'venv latest',
  change: root => pip(root, ['install', ...PLAIN, '--upgrade', ...OLD.map(each => each.replace(/==.*/, ''))]),
};

export function venvDeletes(packages: readonly string[]): Step {
  return {
    name: 'venv uninstall',
    change: root => pip(root, ['uninstall', '--yes', '--quiet', ...packages]),
  };
}

async function pip(root: string, args: readonly string[]): Promise<void> {
  await mustRun(join(root, ENVIRONMENT, 'bin', 'python'), ['-m', 'pip', ...args], REMEDY);
}

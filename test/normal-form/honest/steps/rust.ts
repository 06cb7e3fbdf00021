import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../../../local/tools/cache-folder';
import { mustRun } from '../../../../local/tools/command';
import type { Step } from '../overlay';

const AUDITABLE = 'cargo-auditable@0.6.7';
const PROGRAM = { crate: 'hexyl@0.16.0', name: 'hexyl' };
const REMEDY = 'cargo must be on PATH, and the registry of crates in reach';

/** A program that carries the list of its crates. What is built is kept between nights. */
export const cargoInstalls: Step = {
  name: 'cargo auditable install',
  async change(root) {
    const kept = join(cacheFolder(), 'honest', 'cargo');
    await mkdir(kept, { recursive: true });
    const cargo = (args: readonly string[]) =>
      mustRun('cargo', [...args, '--quiet', '--locked', `--root=${kept}`], REMEDY, {
        environment: { ...process.env, PATH: `${join(kept, 'bin')}:${process.env.PATH ?? ''}` },
      });
    await cargo(['install', AUDITABLE]);
    await cargo(['auditable', 'install', PROGRAM.crate]);
    await mkdir(join(root, 'usr/local/bin'), { recursive: true });
    await cp(join(kept, 'bin', PROGRAM.name), join(root, 'usr/local/bin', PROGRAM.name));
  },
};

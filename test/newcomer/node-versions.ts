import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../docs/markdown';

const START = readFileSync(join(ROOT, 'docs', 'start.md'), 'utf8');

/** The releases of Node that docs/start.md names: the oldest and the newest of them. */
export function namedNodes(): { readonly oldest: string; readonly newest: string } {
  const [, named] = /^- Node ([\d, or]+)\./m.exec(START)!;
  const majors = named!.match(/\d+/g)!;
  return { oldest: majors[0]!, newest: majors.at(-1)! };
}

/** Installs the newest Node of a release into a folder, from the npm registry. Returns where `node` lies. */
export function installNode(major: string, folder: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  mkdirSync(folder, { recursive: true });
  execFileSync(
    'npm',
    ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', `${name}@${major}`],
    {
      stdio: 'pipe',
    },
  );
  return join(folder, 'node_modules', name, 'bin');
}

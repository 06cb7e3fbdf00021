import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../local/tools/cache-folder';
import { ROOT } from '../docs/markdown';

const START = readFileSync(join(ROOT, 'docs', 'start.md'), 'utf8');

/** The releases of Node that docs/start.md names: the oldest and the newest of them. */
export function namedNodes(): { readonly oldest: string; readonly newest: string } {
  const [, named] = /^- Node ([\d, or]+)\./m.exec(START)!;
  const majors = named!.match(/\d+/g)!;
  return { oldest: majors[0]!, newest: majors.at(-1)! };
}

/** Installs the newest Node of a release, from the npm registry, once. Returns where `node` lies. */
export function installNode(major: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const tools = join(cacheFolder(), 'tools');
  const version = newestOf(name, major);
  const home = join(tools, `${name}-${version}`);
  const bin = join('node_modules', name, 'bin');
  if (existsSync(home)) return join(home, bin);

  mkdirSync(tools, { recursive: true });
  const draft = mkdtempSync(join(tools, `.${name}-`));
  try {
    npm(['install', '--prefix', draft, '--no-audit', '--no-fund', '--no-save', `${name}@${version}`]);
    renameSync(draft, home);
  } catch (error) {
    if (!existsSync(home)) throw error; // else another process was faster, with the same Node
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return join(home, bin);
}

function newestOf(name: string, major: string): string {
  const versions = JSON.parse(npm(['view', `${name}@${major}`, 'version', '--json'])) as string | string[];
  return [versions].flat().at(-1)!;
}

const npm = (args: readonly string[]) => execFileSync('npm', args, { encoding: 'utf8', stdio: 'pipe' });

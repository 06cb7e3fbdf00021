import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FOLDERS } from '../projenrc/folders';

const root = join(__dirname, '..');
const TOPS = ['src', 'lambda', 'use-cases', 'adapters', 'cli', 'dockerfile'];

/** Templates that `trusted-images init` writes for a user: no code of ours. */
const TEMPLATES = 'cli/templates/';

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => join(folder, file))
    .filter(file => !file.startsWith(TEMPLATES));
}

test('every folder with TypeScript is in projenrc/folders.ts, and every folder there has TypeScript', () => {
  const used = new Set(TOPS.flatMap(sourcesIn).map(file => dirname(file)));
  expect([...used].sort()).toEqual([...new Set<string>(Object.values(FOLDERS).flat())].sort());
});

test('no folder of core, with its subfolders, has more than a fifth of the lines of core', () => {
  const lines = new Map<string, number>();
  let all = 0;
  for (const file of sourcesIn('src/core')) {
    const count = readFileSync(join(root, file), 'utf8').split('\n').length;
    all += count;
    for (let at = dirname(file); at !== 'src/core'; at = dirname(at)) {
      lines.set(at, (lines.get(at) ?? 0) + count);
    }
  }
  expect(lines.size).toBeGreaterThan(10);
  expect([...lines].filter(([, count]) => count > all / 5)).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ListName = 'npm' | 'npm-frameworks' | 'pypi' | 'debian' | 'maven';

/** The names in `lists/`, one a line. */
export function listed(name: ListName): string[] {
  return readFileSync(join(__dirname, 'lists', `${name}.txt`), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
}

export function inChunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  );
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The title of a block of tests that is skipped on AWS; the reason follows. */
export const SKIPPED = 'only on the embedded cloud: ';

const FILE_MARK = /^onlyEmulated\(\s*(?:'([^']+)'|"([^"]+)"),?\s*\);$/m;
const SUITES_FOLDER = join(__dirname, '..', 'test', 'e2e');

/** Files of end-to-end tests that need the embedded cloud as a whole, and why. */
export function markedFiles(): Record<string, string> {
  const files = readdirSync(SUITES_FOLDER).filter(file => file.endsWith('.e2e.ts'));
  return Object.fromEntries(
    files.flatMap(file => {
      const [, single, double] = FILE_MARK.exec(readFileSync(join(SUITES_FOLDER, file), 'utf8')) ?? [];
      const why = single ?? double;
      return why === undefined ? [] : [[file.replace(/\.e2e\.ts$/, ''), why]];
    }),
  );
}

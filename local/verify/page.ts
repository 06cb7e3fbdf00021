import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const PAGE = join(__dirname, '..', '..', 'docs', 'verify.md');

const MARKS = { begin: '<!-- matrix: npm run docs:verify -->', end: '<!-- end of matrix -->' } as const;

/** The text between the marks. */
export function tableIn(page: string): string {
  const { begin, end } = boundsIn(page);
  return page.slice(begin, end).trim();
}

export function withTable(page: string, table: string): string {
  const { begin, end } = boundsIn(page);
  return `${page.slice(0, begin)}\n${table}\n\n${page.slice(end)}`;
}

export function readPage(): string {
  return readFileSync(PAGE, 'utf8');
}

export function writeTable(table: string): void {
  writeFileSync(PAGE, withTable(readPage(), table));
}

function boundsIn(page: string): { begin: number; end: number } {
  const begin = page.indexOf(`${MARKS.begin}\n`);
  const end = page.indexOf(MARKS.end);
  if (begin === -1 || end < begin) {
    throw new Error(`docs/verify.md has no ${MARKS.begin} before ${MARKS.end}: put them back`);
  }
  return { begin: begin + MARKS.begin.length + 1, end };
}

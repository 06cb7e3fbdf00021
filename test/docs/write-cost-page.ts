import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costPage, withParts } from './cost-page';

const ROOT = join(__dirname, '..', '..');

/** `npm run docs:cost`: writes the figures of docs/cost.md and README.md, and the chart. */
const { parts, readme, chart } = costPage();
for (const [name, of] of [
  ['docs/cost.md', parts],
  ['README.md', readme],
] as const) {
  const page = join(ROOT, name);
  writeFileSync(page, withParts(readFileSync(page, 'utf8'), of, name));
}
writeFileSync(join(ROOT, 'docs', 'pictures', 'cost.svg'), chart);

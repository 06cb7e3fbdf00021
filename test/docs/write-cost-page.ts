import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costPage, withParts } from './cost-page';

const DOCS = join(__dirname, '..', '..', 'docs');
const PAGE = join(DOCS, 'cost.md');

/** `npm run docs:cost`: writes the figures of docs/cost.md, and its chart. */
const { parts, chart } = costPage();
writeFileSync(PAGE, withParts(readFileSync(PAGE, 'utf8'), parts));
writeFileSync(join(DOCS, 'pictures', 'cost.svg'), chart);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { costPage, withParts } from './cost-page';

const DOCS = join(__dirname, '..', '..', 'docs');
const { parts, readme, chart } = costPage();

test('docs/cost.md has the figures of the prices, the template and the times: npm run docs:cost', () => {
  const page = readFileSync(join(DOCS, 'cost.md'), 'utf8');
  expect(page).toBe(withParts(page, parts));
});

test('README.md has its figures too', () => {
  const page = readFileSync(join(DOCS, '..', 'README.md'), 'utf8');
  expect(page).toBe(withParts(page, readme, 'README.md'));
});

test('its chart is drawn from them', () => {
  expect(readFileSync(join(DOCS, 'pictures', 'cost.svg'), 'utf8')).toBe(chart);
});

test('a page without a mark is refused', () => {
  expect(() => withParts('# Cost', parts)).toThrow('docs/cost.md has no <!-- month -->');
});

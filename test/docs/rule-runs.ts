import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, ROOT } from './markdown';
import { rulesIn, titlesIn } from './test-titles';
import { JOURNEYS } from '../../projenrc/tasks';

const PAGE = 'CONTRIBUTING.md';

/** Which run proves which rule, by the titles of tests. To write it anew: `npx tsx test/docs/rule-runs.ts` */
export function ruleRuns(): string {
  const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(?:test|e2e)\.ts$/.test(file))
    .sort()
    .map(file => ({ file, rules: new Set(titlesIn(join('test', file)).flatMap(rulesIn)) }));
  const rows = rulesOfArchitecture().map(([rule, name]) => {
    const proving = tests.filter(({ rules }) => rules.has(rule)).map(({ file }) => file);
    const [unit, endToEnd] = [proving.filter(isUnit), proving.filter(file => !isUnit(file))];
    const files = unit.length === 0 ? '' : unit.length === 1 ? '1 file' : `${unit.length} files`;
    const cells = [files, linked(endToEnd.filter(isJourney)), linked(endToEnd.filter(f => !isJourney(f)))];
    return `| ${rule}, ${name} | ${cells.join(' | ')} |`;
  });
  return [
    '| rule | `npm test`: unit and integration tests | `npm test`: journeys | only `npm run test:all` |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

export function rulesOfArchitecture(): (readonly [rule: string, name: string])[] {
  return [...page('docs/architecture.md').matchAll(/^\| ([45]\.\d+) \| ([^|]+) \|/gm)].map(
    ([, rule, name]) => [rule!, name!],
  );
}

const isUnit = (file: string) => file.endsWith('.test.ts');
const isJourney = (file: string) => JOURNEYS.some(each => new RegExp(each).test(`/${file}`));

function linked(files: readonly string[]): string {
  return files.map(file => `[${file.replace(/^.*\/|\.e2e\.ts$/g, '')}](test/${file})`).join(', ');
}

if (require.main === module) {
  const written = page(PAGE).replace(/^\| rule \|[^\n]*\n(?:\|[^\n]*\n)*/m, () => `${ruleRuns()}\n`);
  writeFileSync(join(ROOT, PAGE), written);
}

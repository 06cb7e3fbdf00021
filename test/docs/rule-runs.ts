import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, ROOT } from './markdown';
import { rulesIn, titlesIn } from './test-titles';
import { JOURNEYS } from '../e2e/run-journeys';

const PAGE = 'CONTRIBUTING.md';

/** The name of each rule of the architecture, by its number. */
export const RULES: ReadonlyMap<string, string> = new Map(
  [...page('docs/architecture.md').matchAll(/^\| ([45]\.\d+) \| ([^|]+) \|/gm)].map(([, rule, name]) => [
    rule!,
    name!,
  ]),
);

/** The rules that the titles of each test file name. */
export const RULES_OF_TESTS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(?:test|e2e)\.ts$/.test(file))
    .sort()
    .map(file => `test/${file}`)
    .map(file => [file, new Set(titlesIn(file).flatMap(rulesIn))]),
);

/** Which run proves which rule, by the titles of tests. To write it anew: `npx tsx test/docs/rule-runs.ts` */
export function ruleRuns(): string {
  const rows = [...RULES].map(([rule, name]) => {
    const proving = [...RULES_OF_TESTS].filter(([, rules]) => rules.has(rule)).map(([file]) => file);
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

const isUnit = (file: string) => file.endsWith('.test.ts');
const isJourney = (file: string) => JOURNEYS.some(each => new RegExp(each).test(file));

function linked(files: readonly string[]): string {
  return files.map(file => `[${file.replace(/^.*\/|\.e2e\.ts$/g, '')}](${file})`).join(', ');
}

if (require.main === module) {
  const written = page(PAGE).replace(/^\| rule \|[^\n]*\n(?:\|[^\n]*\n)*/m, () => `${ruleRuns()}\n`);
  writeFileSync(join(ROOT, PAGE), written);
}

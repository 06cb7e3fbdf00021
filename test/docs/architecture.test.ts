import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, ROOT, rowsOf } from './markdown';
import { CAUSES } from '../../src/core/scanning/failed-scan';
import { REFUSALS } from '../../src/core/trust/refusal';

const text = page('docs/architecture.md');

test('every cause is in the table of failures, with what the code says of it', () => {
  const written = [...rowsOf(text.slice(text.indexOf('## 6'), text.indexOf('## 7')))].map(
    ([cause, [, again, todo]]) => [cause, again, todo],
  );
  const coded = Object.entries(CAUSES).map(([cause, { transient, remedy }]) => [
    cause,
    transient ? 'yes' : 'no',
    remedy.replace(/^it is retried automatically(?:; )?/, '') || 'nothing',
  ]);
  expect(written).toEqual(coded);
});

test('every reason to refuse is in the table of refusals, with what the code says of it', () => {
  const written = [...rowsOf(text.slice(text.indexOf('## 7')))].map(([reason, [says, todo]]) => [
    reason,
    says,
    todo,
  ]);
  expect(written).toEqual(
    Object.entries(REFUSALS).map(([reason, { says, remedy }]) => [reason, says, remedy]),
  );
});

describe('a citation of a rule in code or tests', () => {
  const names = new Map(
    [...text.matchAll(/^\| ([45]\.\d+) \| ([^|]+) \|/gm)].map(([, rule, name]) => [rule!, name!]),
  );
  const sources = ['src', 'lambda', 'cli', 'local', 'test'].flatMap(sourcesIn);

  test('has a number that the page explains', () => {
    const cited = sources.flatMap(source =>
      [...source.matchAll(/\brules? ((?:[45]\.\d+(?:, | and | to )?)+)/g)].flatMap(([, list]) =>
        list!.match(/[45]\.\d+/g)!,
      ),
    );
    expect(new Set(cited).size).toBeGreaterThan(10);
    expect(cited.filter(rule => !names.has(rule))).toEqual([]);
  });

  test('has the name that the page gives that number', () => {
    const unnamed = sources.flatMap(source =>
      [...source.replace(/\s*\n\s*(?:\*|\/\/)? ?/g, ' ').matchAll(/\brule ([45]\.\d+)(.{0,60})/g)]
        .filter(([, rule, after]) => {
          const name = names.get(rule!);
          return name === undefined || !(after!.startsWith(`, ${name}`) || after!.startsWith(` (${name})`));
        })
        .map(([citation]) => citation),
    );
    expect(unnamed).toEqual([]);
  });
});

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(join(ROOT, folder, file), 'utf8'));
}

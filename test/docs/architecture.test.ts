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
    remedy.replace(/^it is tried again by itself(?:; )?/, '') || 'nothing',
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

test('every rule that code or tests cite is explained', () => {
  const cited = new Set(
    ['src', 'lambda', 'local', 'test']
      .flatMap(sourcesIn)
      .flatMap(source =>
        [...source.matchAll(/\brules? ((?:[45]\.\d+(?:, | and | to )?)+)/g)].flatMap(([, list]) =>
          list!.match(/[45]\.\d+/g)!,
        ),
      ),
  );
  const explained = [...text.matchAll(/^\| ([45]\.\d+) \|/gm)].map(([, rule]) => rule);
  expect([...cited].filter(rule => !explained.includes(rule))).toEqual([]);
});

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(join(ROOT, folder, file), 'utf8'));
}

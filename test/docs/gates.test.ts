import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guardrail } from './guardrails';
import { page, ROOT } from './markdown';
import { titlesIn } from './test-titles';
import { eventsInMatrix } from '../core/running/events';

const table = page('docs/gates.md')
  .split('\n')
  .filter(line => line.startsWith('| ') && line.split(' | ').length > 6)
  .map(line => line.slice(2, -2).replaceAll('`', '').split(' | '));
const [, ...columns] = table[0]!;
const rows = table.slice(1);
const WATCHED = 'test/use-cases/running/watch-run.test.ts';

test('every way has a cell for every gate', () => {
  expect(rows.length).toBeGreaterThanOrEqual(20);
  expect(rows.filter(row => row.length !== columns.length + 1)).toEqual([]);
});

const cells = rows.flatMap(([way, ...each]) =>
  columns.slice(0, -1).map((gate, at) => [way!, gate!, each[at]!] as const),
);

test.each(cells.filter(([, , cell]) => cell !== '–'))('%s: %s: %s', (way, gate, cell) => {
  const [, word, nightly, file] = /^\[(refuses|alarms)(, every night)?\]\(\.\.\/(.+)\)$/.exec(cell) ?? [];
  if (word === 'alarms') {
    expect([gate, file, Object.keys(eventsInMatrix(''))]).toEqual([
      'RunWatcher',
      WATCHED,
      expect.arrayContaining([way]),
    ]);
    expect(titlesIn(WATCHED)).toContain('RunWatcher alarms: %s');
    return;
  }
  if (nightly !== undefined) {
    // the program itself is asked, and named in what the suite prints
    expect(file).toMatch(/^test\/conformance\//);
    expect(readFileSync(join(ROOT, file!), 'utf8')).toContain(`, as in ${way.split(' ')[0]}',`);
    return;
  }
  expect(word).toBe('refuses');
  expect(titlesIn(file!).join('\n')).toContain(`${gate} refuses ${way}`);
});

test.each(rows.map(row => [row[0]!, row.slice(1, -1), row.at(-1)!] as const))(
  '%s: what closes the rest denies each action that is named',
  (way, given, closes) => {
    const actions = `${way} ${closes}`.match(/\b[a-z]+:[A-Z]\w+/g) ?? [];
    const [, anchor] = /\(guardrails\.md#([a-z0-9-]+)\)/.exec(closes) ?? [];
    if (anchor === undefined) {
      // only where a gate refuses whatever comes this way
      expect([given.some(cell => cell.startsWith('[refuses')), actions]).toEqual([true, []]);
      return;
    }
    const denied = guardrail(anchor).flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThanOrEqual(1);
    expect(actions.filter(action => !denied.includes(action))).toEqual([]);
  },
);

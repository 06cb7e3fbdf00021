import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, ROOT } from './markdown';

const GATES = 'docs/gates.md';
const table = page(GATES)
  .split('\n')
  .filter(line => line.startsWith('| ') && line.split(' | ').length > 6)
  .map(line => line.slice(2, -2).split(' | '));
const [, ...gates] = table[0]!;
const rows = table.slice(1);

/** The word in the test that shows which way it tries. */
function wordOf(way: string): string | undefined {
  return /`\w+:(\w+)`/.exec(way)?.[1];
}

test('every way has a cell for every gate', () => {
  expect(rows.length).toBeGreaterThanOrEqual(15);
  expect(rows.filter(row => row.length !== gates.length + 1)).toEqual([]);
});

test.each(rows.map(row => [row[0]!, row.slice(1)] as const))('%s', (way, cells) => {
  const closes = cells.at(-1)!;
  const given = cells.slice(0, -1);
  for (const cell of given.filter(each => each !== '–')) {
    const [, word, file] = /^\[(refuses|alarms)\]\(\.\.\/(.+)\)$/.exec(cell) ?? [];
    expect([cell, word]).toEqual([cell, expect.stringMatching(/refuses|alarms/)]);
    const path = join(ROOT, file!);
    expect([file, existsSync(path)]).toEqual([file, true]);
    const call = wordOf(way);
    if (word === 'alarms' && call !== undefined) expect(samplesOf(path)).toContain(call);
  }
  // a way that something does not refuse is closed by a text to copy
  if (!given.some(cell => cell.startsWith('[refuses]')) || wordOf(way) !== undefined) {
    expect(closes).toMatch(/^\[.+\]\(guardrails\.md#[a-z0-9-]+\)$/);
  }
});

/** A test, and the samples of events that stand beside it. */
function samplesOf(path: string): string {
  return [path, join(ROOT, 'test/core/running/events.ts')].map(file => readFileSync(file, 'utf8')).join('\n');
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './markdown';

const COMMITTED = join(ROOT, 'docs', 'pictures');
const inFolder = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(file => file.endsWith('.svg') && readdirSync(COMMITTED).includes(file.replace(/svg$/, 'dot')))
      .map(file => [file, readFileSync(join(folder, file), 'utf8')]),
  );

let drawn: string;
beforeAll(() => {
  drawn = mkdtempSync(join(tmpdir(), 'pictures-'));
});
afterAll(() => rmSync(drawn, { recursive: true }));

test('the pictures are what their sources give; else run npm run docs:pictures', () => {
  // a process of its own: the library is an ES module, which Jest does not load
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join('local', 'pictures', 'draw.ts'), drawn],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(Object.keys(inFolder(drawn))).toEqual(
    readdirSync(COMMITTED)
      .filter(file => file.endsWith('.dot'))
      .map(file => file.replace(/dot$/, 'svg')),
  );
  expect(inFolder(COMMITTED)).toEqual(inFolder(drawn));
});

test.each(Object.entries(inFolder(COMMITTED)))('%s is readable on a dark page', (_, svg) => {
  const [, fill] = /<g id="graph0"[^>]*>\s*<polygon fill="(\w+)"/.exec(svg)!;
  expect(fill).toBe('white');
});

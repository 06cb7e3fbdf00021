import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tiedTo } from '../../aws-check/children';
import { outcomeOf, renderPage } from '../../aws-check/page';
import { StateFile, type State } from '../../aws-check/state';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const STATE: State = {
  version: 1,
  id: 'c0123456',
  account: '123456789012',
  region: 'eu-west-1',
  suites: ['roles'],
  startedAt: '2026-11-26T00:00:00.000Z',
  done: [],
  pushed: {},
  suiteOutcomes: {},
  checks: {},
  made: [],
  left: [],
};

test('what was done is read again, by its owner alone; and nothing else is left beside it', () => {
  StateFile.create(folder, STATE).update({ done: ['bootstrap'] });
  expect(StateFile.read(folder)!.state).toEqual({ ...STATE, done: ['bootstrap'] });
  expect(readdirSync(folder)).toEqual(['aws-check.state.json']);
  expect((statSync(join(folder, 'aws-check.state.json')).mode % 0o1000).toString(8)).toBe('600');
});

test('no state is none; a state of another version is refused, not guessed', () => {
  expect(StateFile.read(folder)).toBeUndefined();
  writeFileSync(join(folder, 'aws-check.state.json'), JSON.stringify({ ...STATE, version: 2 }));
  expect(() => StateFile.read(folder)).toThrow('is no state of this version of the check');
});

test('a program that is tied to another one ends when that is gone, and not before', async () => {
  const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
  const forever = (pid: number) =>
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
      env: { ...process.env, ...tiedTo(pid) },
    });
  const orphan = forever(gone);
  const child = forever(process.pid);
  expect(await new Promise(ended => orphan.on('exit', ended))).toBe(1);
  expect(child.exitCode).toBeNull();
  child.kill();
});

test('an item is what its worst part is, and what was not checked does not count', () => {
  expect(outcomeOf([{ outcome: 'held' }, { outcome: 'not checked' }])).toBe('held');
  expect(outcomeOf([{ outcome: 'held' }, { outcome: 'did not hold' }])).toBe('did not hold');
  expect(outcomeOf([{ outcome: 'not checked' }])).toBe('not checked');
  expect(outcomeOf([])).toBe('not checked');
});

test('the page of a check that ended early says so of each item, and what is left', () => {
  const page = renderPage({
    cloud: 'AWS',
    region: 'eu-west-1',
    startedAt: STATE.startedAt,
    checks: [{ number: 1, title: 'First', parts: [] }],
    suites: { roles: { passed: 2, failed: [], skipped: { 'a | reason': 3 }, seconds: 1 } },
    onlyEmulated: { rego: 'why' },
    left: ['the bucket b: AccessDenied'],
  });
  expect(page).toContain('| 1 | First | all of it | not checked | the check ended before |');
  expect(page).toContain('| roles | 2 | 0 | 3: a \\| reason |');
  expect(page).toContain('- the bucket b: AccessDenied');
});

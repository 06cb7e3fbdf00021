import { page } from './markdown';
import { ruleRuns } from './rule-runs';

const table = ruleRuns();

test('CONTRIBUTING.md says which run proves which rule; else run npx tsx test/docs/rule-runs.ts', () => {
  expect(page('CONTRIBUTING.md')).toContain(`\n${table}\n`);
});

test('a change waits for a test of each rule, but the one that nothing needs yet', () => {
  const unproven = table.split('\n').filter(row => /^\| [^|]+ \| {2}\| {2}\|/.test(row));
  expect(unproven).toEqual([expect.stringMatching(/^\| 4\.10, /)]);
});

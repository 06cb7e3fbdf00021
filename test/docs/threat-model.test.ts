import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { page, ROOT } from './markdown';

const text = page('docs/threat-model.md');
const rowsOfTables = (part: string) =>
  part.split('\n').filter(line => line.startsWith('| ') && !/^\| (?:tries|attacker) \|/.test(line));
const section = (title: string) => {
  const start = text.indexOf(`**${title}.**`);
  return text.slice(start, text.indexOf('\n\n', text.indexOf('\n|---', start)));
};
const testsIn = (row: string) => [...row.matchAll(/\]\(\.\.\/(test\/[^)#]+)\)/g)].map(([, file]) => file!);

test.each<[string, string[]]>([
  ['break-glass', rowsOfTables(section('Break-glass'))],
  ['the brake', rowsOfTables(section('Brake on revocations'))],
  ...[
    'AdmissionPolicies',
    'CloudFormationGate',
    'ImageArchive',
    'RevocationWatcher',
    'RunWatcher',
    'SecurityHubFindings',
  ].map((name): [string, string[]] => [name, rowsOfTables(text).filter(row => row.includes(`\`${name}\``))]),
])('each row about %s links a test that is there', (_, rows) => {
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(row => !testsIn(row).some(file => existsSync(join(ROOT, file))))).toEqual([]);
});

import { findingChanges, recordedFindings, type RecordedFindings } from './finding-changes';
import type { Finding } from '../../src/core/scanning/finding';

const recorded = recordedFindings(__dirname);
const findings = recorded.get('fixable-critical') as readonly Finding[];
const [first] = findings;
const withFindings = (changed: readonly Finding[] | string): RecordedFindings =>
  new Map([...recorded, ['fixable-critical', changed]]);

test('every recorded report is read', () => {
  expect(recorded.size).toBeGreaterThan(20);
  expect([...recorded].filter(([, each]) => typeof each === 'string')).toEqual([]);
});

test('two recordings of one version have the same findings', () => {
  expect(findingChanges(recorded, recordedFindings(__dirname))).toEqual([]);
});

test('what was added, what is gone, and another severity', () => {
  const key = `vulnerability ${first!.id} ${first!.purl} ${first!.path}`;
  const changed = [{ ...first!, severity: 'LOW' as const }, ...findings.slice(1)];
  expect(findingChanges(withFindings(findings.slice(1)), recorded)).toEqual([
    `fixable-critical: added: ${first!.severity} ${key}`,
  ]);
  expect(findingChanges(recorded, withFindings(findings.slice(1)))).toEqual([
    `fixable-critical: gone: ${first!.severity} ${key}`,
  ]);
  expect(findingChanges(recorded, withFindings(changed))).toEqual([
    `fixable-critical: LOW instead of ${first!.severity}: ${key}`,
  ]);
});

test('a report that is new, gone or refused', () => {
  const without = new Map([...recorded].filter(([name]) => name !== 'fixable-critical'));
  expect(findingChanges(without, recorded)).toEqual([
    `fixable-critical: a report now, with ${findings.length} findings`,
  ]);
  expect(findingChanges(recorded, without)).toEqual(['fixable-critical: no report any more']);
  expect(findingChanges(recorded, withFindings('another schema'))).toEqual([
    'fixable-critical: refused now: another schema',
  ]);
});

import { SEVERITIES, severityRank } from '../../../src/core/scanning/finding';

test('the worst severity first, and what has none last', () => {
  expect([undefined, ...SEVERITIES].sort((a, b) => severityRank(a) - severityRank(b))).toEqual([
    'CRITICAL',
    'HIGH',
    'MEDIUM',
    'LOW',
    'UNKNOWN',
    undefined,
  ]);
  expect([severityRank('CRITICAL'), severityRank(undefined)]).toEqual([0, 5]);
});

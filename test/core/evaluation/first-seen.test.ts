import { firstSeen, timeOf } from '../../../src/core/evaluation/first-seen';

describe('when a finding was first seen', () => {
  const before = { '2026-01-01T00:00:00.000Z': ['a', 'b'], '2026-02-01T00:00:00.000Z': ['c'] };

  test("what was there before keeps its time, what is new gets the scan's, what vanished is dropped", () => {
    expect(firstSeen(['a', 'c', 'd'], before, '2026-03-01T00:00:00.000Z')).toEqual({
      '2026-01-01T00:00:00.000Z': ['a'],
      '2026-02-01T00:00:00.000Z': ['c'],
      '2026-03-01T00:00:00.000Z': ['d'],
    });
  });

  test('without a verdict before, all are new', () => {
    expect(firstSeen(['a'], undefined, 'now')).toEqual({ now: ['a'] });
  });

  test('by fingerprint', () => {
    expect(timeOf(before).get('c')).toBe('2026-02-01T00:00:00.000Z');
  });
});

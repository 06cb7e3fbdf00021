import { check } from '../../support/check';
import { NOW, ruleInput } from '../../support/made';

const age = (hours: number) => ({ updatedAt: new Date(NOW.getTime() - hours * 3_600_000).toISOString() });
const outcome = (updatedAt: { updatedAt: string }) =>
  check('database-age', ruleInput('clean', { database: updatedAt }), { maxHours: 48 });

describe('database-age', () => {
  test.each([-1, 0, 20, 48])('passes a database of %d hours, where 48 are allowed', hours => {
    expect(outcome(age(hours))).toEqual({ issues: [] });
  });

  test.each([48.001, 49, 24 * 365])('is indeterminate with a database of %d hours', hours => {
    expect(outcome(age(hours))).toMatchObject({
      failure: { cause: 'DATABASE_STALE', detail: expect.stringContaining('allowed: 48') },
    });
  });

  test('of a stored report is that of its scan, however long ago that is', () => {
    const now = new Date(NOW.getTime() + 24 * 365 * 3_600_000);
    expect(check('database-age', ruleInput('clean', { database: age(48), now }), { maxHours: 48 })).toEqual({
      issues: [],
    });
    expect(
      check('database-age', ruleInput('clean', { database: age(49), now }), { maxHours: 48 }),
    ).toMatchObject({ failure: { cause: 'DATABASE_STALE' } });
  });

  test('is indeterminate with a database of tomorrow', () => {
    expect(outcome(age(-24))).toMatchObject({
      failure: { cause: 'DATABASE_STALE', detail: expect.stringContaining('in the future') },
    });
  });

  test('is indeterminate with a database without a date', () => {
    expect(outcome({ updatedAt: 'yesterday' })).toMatchObject({ failure: { cause: 'DATABASE_STALE' } });
  });
});

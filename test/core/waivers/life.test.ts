import { LIFE, waiver } from './made';
import { addDays, daysLeft, endOf, expiringWaivers, lifeProblem } from '../../../src/core/waivers/life';
import { minutes } from '../support/made';

test('it holds until the end of its day, in UTC', () => {
  expect(endOf({ expires: '2026-12-31' }).toISOString()).toBe('2026-12-31T23:59:59.999Z');
  expect(endOf({ expires: '2028-02-29' }).toISOString()).toBe('2028-02-29T23:59:59.999Z');
});

test('days are counted over months, years and leap days', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2028-02-28', 2)).toBe('2028-03-01');
  expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
});

describe('the longest life', () => {
  test.each([
    ['of a day that is over', { expires: '2020-01-01' }, undefined],
    ['from today', { expires: '2027-02-23' }, undefined],
    [
      'a day more',
      { expires: '2027-02-24' },
      /^expires is "2027-02-24", allowed: a day until 2027-02-23, 90 days from today, 2026-11-25; /,
    ],
    ['from the day it was accepted', { accepted: '2026-11-01', expires: '2027-01-30' }, undefined],
    [
      'a day more than that',
      { accepted: '2026-11-01', expires: '2027-01-31' },
      /^expires is .* until 2027-01-30, 90 days from 2026-11-01, when it was accepted/,
    ],
    ['accepted today', { accepted: '2026-11-25', expires: '2026-11-25' }, undefined],
    [
      'accepted tomorrow',
      { accepted: '2026-11-26', expires: '2026-12-01' },
      /^accepted is "2026-11-26", allowed: a day until today, 2026-11-25 \(UTC\)/,
    ],
    [
      'over before it was accepted',
      { accepted: '2026-11-02', expires: '2026-11-01' },
      /^expires is "2026-11-01", allowed: a day from 2026-11-02 on/,
    ],
  ])('%s', (_, dates, problem) => {
    const found = lifeProblem(dates, LIFE)?.message;
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  test('what was right once stays right', () => {
    const dates = { expires: '2027-02-23' };
    for (const days of [0, 1, 90, 91, 4000]) {
      expect(lifeProblem(dates, { ...LIFE, now: minutes(days * 24 * 60) })).toBeUndefined();
    }
  });
});

describe('warnings before the end', () => {
  test('each threshold is told on one day', () => {
    const one = waiver({ expires: '2026-12-31' });
    const told = Array.from({ length: 40 }, (_, index) => addDays('2026-11-25', index)).flatMap(day =>
      expiringWaivers([one], new Date(`${day}T13:00:00Z`)).map(each => `${day}: ${each.daysLeft}`),
    );
    expect(told).toEqual(['2026-12-17: 14', '2026-12-24: 7', '2026-12-30: 1']);
  });

  test('the hour of the day changes nothing', () => {
    const one = waiver({ expires: '2026-12-02' });
    for (const hour of ['00:00:00.000', '23:59:59.999']) {
      expect(expiringWaivers([one], new Date(`2026-11-25T${hour}Z`))).toEqual([{ waiver: one, daysLeft: 7 }]);
    }
  });

  test('days left', () => {
    expect(
      [waiver({ expires: '2026-11-25' }), waiver({ expires: '2026-11-24' })].map(each =>
        daysLeft(each, LIFE.now),
      ),
    ).toEqual([0, -1]);
  });
});

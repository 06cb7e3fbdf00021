import { ASSUMED, buildsAtOnce, MONTH } from '../../../src/core/cost/workload';
import { atOnceFor, scanLoad, SCAN_LOAD_LIMIT } from '../../../src/core/register/scan-load';
import { sharedOf } from '../../../src/core/register/scan-slots';
import { page } from '../../docs/markdown';

test('ten at once leave seven to renewals: 5,040 a day at two minutes each', () => {
  expect(sharedOf(10)).toBe(7);
  expect(scanLoad(5040, { atOnce: 10, scanSeconds: 120 })).toEqual({
    percent: 100,
    wantedADay: 5040,
    possibleADay: 5040,
  });
});

test('a quota of 1 is not enough for 3,000 images', () => {
  expect(scanLoad(3000, { atOnce: 1, scanSeconds: 120 }).percent).toBeGreaterThan(400);
  const enough = atOnceFor(3000, 120);
  expect(scanLoad(3000, { atOnce: enough, scanSeconds: 120 }).percent).toBeLessThanOrEqual(SCAN_LOAD_LIMIT);
  expect(scanLoad(3000, { atOnce: enough - 1, scanSeconds: 120 }).percent).toBeGreaterThan(SCAN_LOAD_LIMIT);
});

test('shares of repositories add up to the load of the trust', () => {
  const capacity = { atOnce: 10, scanSeconds: 95.5 };
  const parts = [17, 0, 2400].map(passed => scanLoad(passed, capacity).percent);
  expect(parts.reduce((sum, each) => sum + each, 0)).toBeCloseTo(scanLoad(2417, capacity).percent, 9);
});

test('until a scan was measured, the minutes of docs/cost.md count, and docs/limits.md calculates with them', () => {
  expect(scanLoad(1000, { atOnce: 10 })).toEqual(
    scanLoad(1000, { atOnce: 10, scanSeconds: ASSUMED.buildMinutes * 60 }),
  );
  const { possibleADay } = scanLoad(0, { atOnce: 10 });
  const all = (10 * 24 * 60) / ASSUMED.buildMinutes;
  const shown = (figure: number) => figure.toLocaleString('en-US');
  expect(page('docs/limits.md').replace(/\s+/g, ' ')).toContain(
    `Ten scans at once of ${ASSUMED.buildMinutes} minutes each are ${shown(all)} a day, ${shown(possibleADay)} of them renewals. At ${SCAN_LOAD_LIMIT} % of that, which are ${shown((possibleADay * SCAN_LOAD_LIMIT) / 100)} images`,
  );
  // the page of costs has all builds, and no share that is kept free
  expect(Math.ceil(buildsAtOnce(10_000))).toBe(
    Math.ceil(((10_000 * (1 + 1 / MONTH)) / (24 * 60)) * ASSUMED.buildMinutes),
  );
});

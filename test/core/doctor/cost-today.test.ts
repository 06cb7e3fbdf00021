import { costToday, runsADay } from '../../../src/core/doctor/cost-today';
import { IMAGE, minutes, NOW } from '../support/made';

const DEPLOYED = { keys: 3, alarms: 19, pollers: 35, scheduledRuns: 121 };
const row = (digit: string, scanned: number) => ({
  pk: IMAGE.replace(/a{64}$/, digit.repeat(64)),
  kind: 'image' as const,
  verdict: {
    outcome: 'PASS' as const,
    scannedAt: minutes(-scanned).toISOString(),
    validUntil: minutes(60).toISOString(),
    databaseUpdatedAt: NOW.toISOString(),
  },
});

test('cost a day: idle, and the scans of the last 24 hours, first ones and renewals', () => {
  const rows = [row('1', 60), row('2', 60), row('3', 25 * 60)];
  const known = { images: new Map(rows.map(each => [each.pk, each])), slots: undefined };
  const images = [{ image: rows[0]!.pk, tags: [], pushedAt: minutes(-61) }];
  const { state, value } = costToday(DEPLOYED, { repositories: 1, images, left: false }, known, NOW);
  expect(state).toBe('ok');
  expect(value).toMatch(
    /^about \$\d+\.\d\d: \$\d+\.\d\d idle, \$\d\.\d\d for 1 first scans and 1 renewals in /,
  );
  const nothing = costToday(
    DEPLOYED,
    { repositories: 0, images: [], left: false },
    { ...known, images: new Map() },
    NOW,
  );
  expect(nothing.value).toMatch(
    /^about \$(\d+\.\d\d): \$\1 idle, \$0\.00 for 0 first scans and 0 renewals in /,
  );
});

test.each([
  ['rate(15 minutes)', 96],
  ['cron(0/15 * * * ? *)', 96],
  ['rate(1 hour)', 24],
  ['rate(1 day)', 1],
  ['cron(0 6 * * ? *)', 1],
])('%s runs %d times a day', (schedule, runs) => {
  expect(runsADay(schedule)).toBe(runs);
});

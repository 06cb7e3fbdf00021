import type { KnownImages, Listing } from './known-image';
import { ok, secondsSince, type Look } from './line';
import { PRICES } from '../cost/prices';
import { costOf, times } from '../cost/usage';
import { firstScan, idleDay, renewal, type Deployed } from '../cost/workload';
import { MILLISECONDS } from '../times';

const DAY = MILLISECONDS.day / 1000;

/**
 * What it costs a day, of the scans that the register has of the last 24 hours. Of an image that was scanned
 * more than once in this time, it has the last scan only.
 */
export function costToday(
  deployed: Omit<Deployed, 'metrics'>,
  listing: Listing,
  known: KnownImages,
  now: Date,
): Look {
  const recently = (time: string | Date | undefined) => time !== undefined && secondsSince(time, now) <= DAY;
  const pushed = new Map(listing.images.map(({ image, pushedAt }) => [image, pushedAt]));
  const scanned = [...known.images.values()].filter(
    ({ kind, verdict, lastFailedScan }) =>
      kind === 'image' && (recently(verdict?.scannedAt) || recently(lastFailedScan?.at)),
  );
  const first = scanned.filter(({ pk }) => recently(pushed.get(pk))).length;
  const renewals = scanned.length - first;
  const idle = costOf(idleDay(deployed)).total;
  const scans = costOf(times(firstScan(), first)).total + costOf(times(renewal(), renewals)).total;
  return ok(
    'none',
    `about $${(idle + scans).toFixed(2)}: $${idle.toFixed(2)} idle, $${scans.toFixed(2)} for ${first} first scans and ${renewals} renewals in the last 24 hours; prices of ${PRICES.region}, ${PRICES.asOf}`,
  );
}

/**
 * How often a rule runs its function in a day: `rate(1 hour)`, or `cron(0/15 * * * ? *)`. Any other `cron` is
 * taken as once.
 */
export function runsADay(schedule: string): number {
  const [, minutes] = /^cron\(0\/(\d+) \* \* \* \? \*\)$/.exec(schedule) ?? [];
  if (minutes !== undefined) return DAY / (Number(minutes) * 60);
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (count === undefined) return 1;
  const seconds = { minute: 60, hour: 3600, day: DAY }[unit as 'minute' | 'hour' | 'day'];
  return DAY / (Number(count) * seconds);
}

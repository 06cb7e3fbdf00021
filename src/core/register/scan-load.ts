import { sharedOf } from './scan-slots';
import { ASSUMED } from '../cost/workload';
import { MILLISECONDS, Seconds } from '../times';

const DAY = MILLISECONDS.day / 1000;
/** In percent. Above it the alarm goes off: there is time to raise a quota before verdicts expire. */
export const SCAN_LOAD_LIMIT = 80;
/** More would need a quota that AWS gives nobody, and the search for a figure has to end. */
const MOST_AT_ONCE = 10_000;

/** What has to be scanned a day, against what can be. */
export interface ScanLoad {
  readonly percent: number;
  readonly wantedADay: number;
  readonly possibleADay: number;
}

/** What decides how many renewals end in a day. */
export interface ScanCapacity {
  /** Scans at once, of all kinds: what `concurrency`, and CodeBuild, allow. */
  readonly atOnce: number;
  /** How long a scan keeps its slot, as measured. Absent until one has ended. */
  readonly scanSeconds?: number;
}

/** Until a scan was measured: what docs/cost.md and docs/limits.md calculate with. */
const SCAN_SECONDS = ASSUMED.buildMinutes * 60;

/**
 * Every image that passes is renewed once in `renewAfter`. Renewals have the slots that are not kept for
 * pushes and deployments.
 *
 * @param passed images with a PASS, or those of one repository: shares add up
 */
export function scanLoad(passed: number, { atOnce, scanSeconds = SCAN_SECONDS }: ScanCapacity): ScanLoad {
  const wantedADay = passed * (DAY / Seconds.renewAfter);
  const possibleADay = (sharedOf(atOnce) * DAY) / scanSeconds;
  return { percent: (100 * wantedADay) / possibleADay, wantedADay, possibleADay };
}

/** The fewest scans at once with which these images stay below the limit. */
export function atOnceFor(passed: number, scanSeconds?: number): number {
  let atOnce = 1;
  while (atOnce < MOST_AT_ONCE && scanLoad(passed, { atOnce, scanSeconds }).percent > SCAN_LOAD_LIMIT) {
    atOnce++;
  }
  return atOnce;
}

import { runInNewContext } from 'node:vm';

/** More than the busiest machine needs, and less than what never ends. */
const PATIENCE = 300;

/**
 * Ends what would never end, which Jest's own timeout cannot while nothing else gets its turn. How many
 * seconds the work may take is for the nightly run to say, which has a machine of its own: elsewhere a clock
 * tells how busy the machine is.
 */
export function soon<T>(seconds: number, work: () => T): T {
  const limit = process.env.CLOCK === 'exact' ? seconds : PATIENCE;
  return runInNewContext('work()', { work }, { timeout: limit * 1000 }) as T;
}

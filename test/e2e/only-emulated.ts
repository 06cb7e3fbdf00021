import { description } from './cloud';
import { SKIPPED } from '../../aws-check/marks';

/**
 * Marks tests that need what only the embedded cloud has. On AWS they are skipped, with this reason, and
 * counted. With tests it marks them; alone, before all tests of a file, it marks the file.
 */
export function onlyEmulated(why: string, tests?: () => void): void {
  const isEmulated = 'socketPath' in description();
  if (tests !== undefined) {
    if (isEmulated) tests();
    else describe.skip(`${SKIPPED}${why}`, tests);
  } else if (!isEmulated) {
    // what Jest gives each file for itself
    Object.assign(globalThis, { describe: describe.skip, test: test.skip });
  }
}

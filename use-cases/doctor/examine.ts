import { CHECKS, type Check } from './checks';
import type { DoctorReaders } from './readers';
import { Reading } from './reading';
import { isDenied } from '../../adapters/aws/aws-error';
import type { Line, Look } from '../../src/core/doctor/line';
import { unread } from '../../src/core/doctor/unread';
import type { DeployedTrust } from '../deployed-trust/find-trust';

/**
 * All checks of a deployed trust at once. None of them can end the others: what cannot be read is a line.
 *
 * @param signal ends all reading
 */
export async function examine(
  trust: DeployedTrust,
  readers: DoctorReaders,
  now: Date,
  signal: AbortSignal,
): Promise<Line[]> {
  const reading = new Reading(trust, readers, now, signal);
  const ended = whenAborted(signal);
  ended.catch(() => undefined); // all checks may be over by then
  return Promise.all(
    CHECKS.map(async check => ({
      what: check.what,
      ...(await Promise.race([look(check, reading), ended]).catch((error: unknown) =>
        why(check, reading, error),
      )),
    })),
  );
}

async function look(check: Check, reading: Reading): Promise<Look> {
  return check.look(reading);
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function why({ needs }: Check, reading: Reading, error: unknown): Look {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return unread(needs(reading), { name, message, isDenied: isDenied(error) });
}

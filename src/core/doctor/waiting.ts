import { ageText, found, ok, secondsSince, unknown, type Look } from './line';
import { Lateness } from '../scanning/lateness';
import { Seconds } from '../times';

export interface Waiting {
  readonly isBackground: boolean;
  /** By the metric: undefined if nothing was deferred in the last half hour. */
  readonly byMetric: Lateness | undefined;
  /** When the requests that wait in line for a scan were made. */
  readonly inLine: readonly string[];
  /** Messages that can be received now. Undefined: the queue was not found. */
  readonly messages: number | undefined;
}

/**
 * SQS's own age of the oldest message leaves out messages that were received three times or more. So messages
 * that nobody received have no age: they came a moment ago, or nothing receives them.
 */
export function waiting({ isBackground, byMetric, inLine, messages }: Waiting, now: Date): Look {
  const longest = isBackground ? Seconds.backgroundIsLate : Seconds.requestIsLate;
  const limit = `at most ${ageText(longest)}`;
  const oldest = inLine.length === 0 ? undefined : Math.max(...inLine.map(at => secondsSince(at, now)));
  const isLate = byMetric === (isBackground ? Lateness.background : Lateness.request);
  const queued = messages === undefined ? 'the queue was not found' : `${messages} messages in the queue`;
  const age = oldest === undefined ? 'none in line' : `${ageText(oldest)} in line`;
  const metric = isLate ? `; one was late in the last half hour` : '';
  const value = `${age}${metric}; ${queued}`;
  if (isLate || (oldest !== undefined && oldest > longest)) {
    return found(
      limit,
      value,
      'read the lines "deferred" in the log of Dispatcher; raise the quota of CodeBuild and the option concurrency',
    );
  }
  if (isBackground && byMetric === Lateness.request) {
    return unknown(
      limit,
      `${value}; a push is late, which hides whether renewals are`,
      'see the line of pushes first, and run it again when they are scanned',
    );
  }
  if (messages === undefined) {
    return unknown(limit, value, 'ask with the stack that holds the queue of scan requests: --stack NAME');
  }
  return oldest === undefined && byMetric === undefined && messages > 0
    ? unknown(
        limit,
        `${messages} messages wait, and nobody looked at them`,
        'run it again in a minute; if they stay, see the event sources of functions, and the log of Dispatcher',
      )
    : ok(limit, value);
}

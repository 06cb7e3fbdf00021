import { ageText, found, ok, secondsSince, type Look } from './line';
import { Seconds } from '../times';

export interface Waiting {
  readonly isBackground: boolean;
  /** By the metric, in seconds: undefined if nothing was deferred in the last half hour. */
  readonly byMetric: number | undefined;
  /** When the requests that wait in line for a scan were made. */
  readonly inLine: readonly string[];
  /** Messages in the queue, visible, hidden and delayed. */
  readonly messages: number;
}

/** SQS's own age of the oldest message leaves out messages that were received three times or more. */
export function waiting({ isBackground, byMetric, inLine, messages }: Waiting, now: Date): Look {
  const longest = isBackground ? Seconds.backgroundIsLate : Seconds.requestIsLate;
  const limit = `at most ${ageText(longest)}`;
  const ages = [
    ...(byMetric === undefined ? [] : [{ by: 'the metric', seconds: byMetric }]),
    ...inLine.map(at => ({ by: 'the register', seconds: secondsSince(at, now) })),
  ].sort((a, b) => b.seconds - a.seconds);
  const [oldest] = ages;
  const queued = `${messages} messages in the queue`;
  if (oldest === undefined) return ok(limit, `none; ${queued}`);
  const value = `${ageText(oldest.seconds)} by ${oldest.by}; ${queued}`;
  return oldest.seconds <= longest
    ? ok(limit, value)
    : found(
        limit,
        value,
        'read the lines "deferred" in the log of Dispatcher; raise the quota of CodeBuild and the option concurrency',
      );
}

import { firstFew, found, noneHere, ok, type Look } from './line';

export interface EventSource {
  /** The logical id of its function. */
  readonly name: string;
  /** As AWS Lambda says; undefined where the event source is gone. */
  readonly state: string | undefined;
}

/** Lambda is changing it, and it works before and after. */
const WORKING: readonly (string | undefined)[] = ['Enabled', 'Updating', 'Enabling', 'Creating'];

/** Whether the queues call their functions. */
export function eventSources(sources: readonly EventSource[]): Look {
  const limit = 'all enabled';
  if (sources.length === 0) return noneHere(limit, 'event sources');
  const stopped = sources.filter(({ state }) => !WORKING.includes(state));
  return stopped.length === 0
    ? ok(limit, `${sources.length} enabled`)
    : found(
        limit,
        `not enabled: ${firstFew(stopped.map(({ name, state }) => `${name} (${state ?? 'gone'})`))}`,
        'enable them in AWS Lambda, or deploy the stack again; find out in CloudTrail who changed them',
      );
}

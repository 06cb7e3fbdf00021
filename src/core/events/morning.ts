import * as z from 'zod';

/** In UTC: when the team is told what is due. */
const HOUR = 6;

const Scheduled = z.object({
  'detail-type': z.literal('Scheduled Event'),
  source: z.literal('aws.events'),
  time: z.string(),
});

/**
 * Whether an event of a schedule that runs every quarter of an hour is the one of six in the morning.
 * EventBridge sends it within its minute.
 */
export function isMorning(event: unknown): boolean {
  const { data } = Scheduled.safeParse(event);
  const time = new Date(data?.time ?? NaN);
  return time.getUTCHours() === HOUR && time.getUTCMinutes() < 15;
}

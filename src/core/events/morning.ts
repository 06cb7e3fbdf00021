import { z } from 'zod';

/** In UTC: when the team is told what is due. */
const HOUR = 6;

const Scheduled = z.object({
  'detail-type': z.literal('Scheduled Event'),
  source: z.literal('aws.events'),
  time: z.iso.datetime().transform(time => new Date(time)),
});

/**
 * Whether an event of a schedule that runs every quarter of an hour is the one of six in the morning.
 * EventBridge sends it within its minute.
 */
export function isMorning(event: unknown): boolean {
  const { data } = Scheduled.safeParse(event);
  return data !== undefined && data.time.getUTCHours() === HOUR && data.time.getUTCMinutes() < 15;
}

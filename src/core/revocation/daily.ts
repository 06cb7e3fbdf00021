import * as z from 'zod';

const Daily = z.strictObject({ daily: z.literal(true) });

/** The message of the schedule: look at all refused images. */
export const DAILY: z.infer<typeof Daily> = { daily: true };

export function isDaily(body: unknown): boolean {
  return Daily.safeParse(body).success;
}

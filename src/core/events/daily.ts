import * as z from 'zod';

const Daily = z.strictObject({ daily: z.literal(true) });

/** What a schedule sends once a day: look at all of it. */
export const DAILY: z.infer<typeof Daily> = { daily: true };

export function isDaily(body: unknown): boolean {
  return Daily.safeParse(body).success;
}

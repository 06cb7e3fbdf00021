import * as z from 'zod';
import { Limit } from '../limits';
import { cutToBytes, plainText } from '../text/plain-text';
import { showProblem, type WaiverProblem } from '../text/problem';
import { daysLeft } from '../waivers/life';
import { shownWaiver } from '../waivers/shown';
import type { Waiver, Waivers } from '../waivers/waiver';

export const WaiverDetailType = {
  expiring: 'Waiver Expiring',
  rejected: 'Waivers Rejected',
  unused: 'Waivers Unused',
} as const;

const Shown = z.object({
  key: z.string(),
  /** The waived finding, as text. */
  what: z.string(),
  /** The repositories and images that it applies to, cut to 300 characters. */
  where: z.string(),
  owner: z.string(),
  reason: z.string(),
  ticket: z.string().optional(),
  /** The last day, in UTC. */
  expires: z.iso.date(),
});

/**
 * A waiver expires in 14, 7 or 1 days, at the end of the day that it names. After that, what it covers is
 * refused.
 */
export const WaiverExpiringDetail = z.object({
  version: z.literal(1),
  waiver: Shown,
  daysLeft: z.number().int(),
});
export type WaiverExpiringDetail = z.infer<typeof WaiverExpiringDetail>;

/**
 * The waiver file cannot be read, and the previous one still counts. Published at each check, every 15
 * minutes, until the file is fixed.
 */
export const WaiversRejectedDetail = z.object({
  version: z.literal(1),
  location: z.string(),
  /** As compilers say it, file:line:column: …; at most 20. */
  problems: z.array(z.string()),
  problemCount: z.number().int(),
});
export type WaiversRejectedDetail = z.infer<typeof WaiversRejectedDetail>;

/** Waivers that cover nothing in any image now. Remove them. At most 20. */
export const WaiversUnusedDetail = z.object({
  version: z.literal(1),
  waivers: z.array(Shown),
  count: z.number().int(),
});
export type WaiversUnusedDetail = z.infer<typeof WaiversUnusedDetail>;

export type WaiverEvent =
  | { readonly detailType: typeof WaiverDetailType.expiring; readonly detail: WaiverExpiringDetail }
  | { readonly detailType: typeof WaiverDetailType.rejected; readonly detail: WaiversRejectedDetail }
  | { readonly detailType: typeof WaiverDetailType.unused; readonly detail: WaiversUnusedDetail };

export function expiringEvent(waiver: Waiver, now: Date): WaiverEvent {
  return {
    detailType: WaiverDetailType.expiring,
    detail: { version: 1, waiver: shown(waiver), daysLeft: daysLeft(waiver, now) },
  };
}

export function rejectedEvent(location: string, problems: readonly WaiverProblem[]): WaiverEvent {
  const first = problems
    .slice(0, Limit.eventViolations)
    .map(problem => cutToBytes(showProblem(problem), 800));
  return {
    detailType: WaiverDetailType.rejected,
    detail: { version: 1, location, problems: first, problemCount: problems.length },
  };
}

export function unusedEvent(waivers: Waivers): WaiverEvent {
  const first = waivers.slice(0, Limit.eventViolations).map(shown);
  return {
    detailType: WaiverDetailType.unused,
    detail: { version: 1, waivers: first, count: waivers.length },
  };
}

/** Waivers of the same finding in different places are different waivers. */
function shown(waiver: Waiver): z.infer<typeof Shown> {
  return {
    ...shownWaiver(waiver),
    where: plainText([...(waiver.repositories ?? []), ...(waiver.digests ?? [])].join(', '), 300),
  };
}

import * as z from 'zod';
import { ImageName } from '../image/image';
import type { GrantUse } from '../trust/break-glass';
import { Grant, type Grant as GrantRow } from '../trust/grant';
import { Reason } from '../trust/refusal';

export const GrantDetailType = {
  granted: 'Break-Glass Granted',
  used: 'Break-Glass Used',
  ended: 'Break-Glass Ended',
} as const;

const Shown = Grant.pick({
  grantId: true,
  scope: true,
  grantedBy: true,
  justification: true,
  ticket: true,
  grantedAt: true,
  expiresAt: true,
}).extend({
  version: z.literal(1),
  /** The image that may run, or `*` for every image of the trust. */
  granted: z.string(),
});

/** Somebody lets an image, or every image, run without trust. */
export const BreakGlassGrantedDetail = Shown;

/** A gate admitted an image that it would have refused. Published before the image runs. */
export const BreakGlassUsedDetail = Shown.extend({
  image: ImageName,
  /** The ARN of what runs the image. */
  runner: z.string(),
  usedAt: z.iso.datetime(),
  /** Why the image would have been refused. */
  reason: Reason,
  says: z.string(),
});

/** A grant no longer counts. */
export const BreakGlassEndedDetail = Shown.extend({
  endedAt: z.iso.datetime(),
  /** The ARN of the caller. Absent if its time was over. */
  endedBy: z.string().optional(),
});

export type GrantEvent =
  | { readonly detailType: typeof GrantDetailType.granted; readonly detail: z.infer<typeof Shown> }
  | {
      readonly detailType: typeof GrantDetailType.used;
      readonly detail: z.infer<typeof BreakGlassUsedDetail>;
    }
  | {
      readonly detailType: typeof GrantDetailType.ended;
      readonly detail: z.infer<typeof BreakGlassEndedDetail>;
    };

export function grantedEvent(grant: GrantRow): GrantEvent {
  return { detailType: GrantDetailType.granted, detail: shown(grant) };
}

export function usedEvent({ grant, image, runner, at, reason, says }: GrantUse): GrantEvent {
  const detail = { ...shown(grant), image, runner, usedAt: at, reason, says };
  return { detailType: GrantDetailType.used, detail };
}

export function endedEvent(grant: GrantRow): GrantEvent {
  const { endedAt = grant.expiresAt, endedBy } = grant;
  const detail = { ...shown(grant), endedAt, ...(endedBy !== undefined && { endedBy }) };
  return { detailType: GrantDetailType.ended, detail };
}

function shown({ image, ...grant }: GrantRow): z.infer<typeof Shown> {
  const { grantId, scope, grantedBy, justification, ticket, grantedAt, expiresAt } = grant;
  return {
    version: 1,
    grantId,
    granted: image,
    scope,
    grantedBy,
    justification,
    ticket,
    grantedAt,
    expiresAt,
  };
}

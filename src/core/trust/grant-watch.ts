import * as z from 'zod';
import { GrantUse } from './break-glass';
import { lives, readGrant, type Grant } from './grant';
import { ScanId } from '../ids';
import { Seconds } from '../times';

/** A message of the queue of grants: watch a grant until it ends, or publish a use. */
export const GrantMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('grant'),
    pk: z.string(),
    grantId: ScanId,
    sentAt: z.iso.datetime(),
    /** It was published that the grant is there. */
    isPublished: z.boolean(),
  }),
  z.object({ kind: z.literal('use'), use: GrantUse }),
]);
export type GrantMessage = z.infer<typeof GrantMessage>;
export type WatchedGrant = Extract<GrantMessage, { kind: 'grant' }>;

/** The message that goes out before a grant is written: no grant is without somebody who watches it. */
export function watch({ pk, grantId }: Grant, now: Date): WatchedGrant {
  return { kind: 'grant', pk, grantId, sentAt: now.toISOString(), isPublished: false };
}

export type GrantLook =
  | { readonly look: 'granted' | 'lives' | 'ended'; readonly grant: Grant }
  | { readonly look: 'not yet' | 'never written' };

/** What one look at a grant finds. */
export function lookAtGrant(message: WatchedGrant, row: unknown, now: Date): GrantLook {
  const grant = readGrant(row);
  if (grant === undefined) {
    const age = (now.getTime() - Date.parse(message.sentAt)) / 1000;
    // other accounts send to the queue too: a time in the future must not be waited for
    const isNew = age >= -Seconds.clockSkew && age < Seconds.grantWritten;
    return { look: isNew ? 'not yet' : 'never written' };
  }
  if (!message.isPublished) return { look: 'granted', grant };
  return { look: lives(grant, now) ? 'lives' : 'ended', grant };
}

import { endedEvent, grantedEvent, usedEvent, type GrantEvent } from '../../src/core/events/grant-events';
import { Seconds } from '../../src/core/times';
import type { GrantUse } from '../../src/core/trust/break-glass';
import { covers, lives, readGrant } from '../../src/core/trust/grant';
import { lookAtGrant, type GrantMessage, type WatchedGrant } from '../../src/core/trust/grant-watch';

export interface WatchContext {
  readonly now: Date;
  grant(key: string, grantId: string): Promise<unknown>;
  publish(event: GrantEvent): Promise<void>;
  watchAgain(message: WatchedGrant): Promise<void>;
  /** Counts a grant that is active, for the alarm. */
  countLiving(): void;
}

export type WatchOutcome =
  | { readonly done: string }
  | { readonly deferSeconds: number; readonly why: string }
  | { readonly poison: string };

/** Publishes what becomes of a grant, and every use. */
export async function watchGrants(message: GrantMessage, context: WatchContext): Promise<WatchOutcome> {
  if (message.kind === 'use') {
    return publishUse(message.use, context);
  }
  const found = lookAtGrant(message, await context.grant(message.pk, message.grantId), context.now);
  const name = `break-glass grant ${message.grantId}`;
  switch (found.look) {
    case 'granted':
      if (lives(found.grant, context.now)) context.countLiving();
      await context.publish(grantedEvent(found.grant));
      await context.watchAgain({ ...message, isPublished: true });
      return { done: `${name} was published` };
    case 'lives': {
      context.countLiving();
      const left = (Date.parse(found.grant.expiresAt) - context.now.getTime()) / 1000;
      return { deferSeconds: Math.ceil(Math.min(Seconds.grantLook, left)), why: `${name} is active` };
    }
    case 'ended':
      await context.publish(endedEvent(found.grant));
      return { done: `${name} has ended` };
    case 'not yet':
      return { deferSeconds: Seconds.grantWrittenPoll, why: `${name} is not written yet` };
    case 'never written':
      return { done: `${name} was never written` };
  }
}

/**
 * Importers send uses too, and one may be invented. Who granted, and why, the table says; the grant has to
 * cover what was run.
 */
async function publishUse(use: GrantUse, context: WatchContext): Promise<WatchOutcome> {
  const { image, runner } = use;
  const { pk, grantId } = use.grant;
  const grant = readGrant(await context.grant(pk, grantId));
  if (grant === undefined || !covers(grant, image, runner)) {
    return { poison: 'a use of a grant that is not in the table' };
  }
  await context.publish(usedEvent({ ...use, grant }));
  return { done: `break-glass grant ${grantId} was used for ${image} by ${runner}` };
}

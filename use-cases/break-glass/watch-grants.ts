import { Seconds } from '../../src/core/times';
import { endedEvent, grantedEvent, usedEvent, type GrantEvent } from '../../src/core/trust/grant-events';
import { lookAtGrant, type GrantMessage, type WatchedGrant } from '../../src/core/trust/grant-watch';

export interface WatchContext {
  readonly now: Date;
  grant(key: string): Promise<unknown>;
  publish(event: GrantEvent): Promise<void>;
  watchAgain(message: WatchedGrant): Promise<void>;
  /** Counts a grant that lives, for the alarm. */
  countLiving(): void;
}

export type WatchOutcome =
  { readonly done: string } | { readonly deferSeconds: number; readonly why: string };

/** Publishes what becomes of a grant, and every use. */
export async function watchGrants(message: GrantMessage, context: WatchContext): Promise<WatchOutcome> {
  if (message.kind === 'use') {
    const { grant, image, runner } = message.use;
    await context.publish(usedEvent(message.use));
    return { done: `break-glass grant ${grant.grantId} was used for ${image} by ${runner}` };
  }
  const found = lookAtGrant(message, await context.grant(message.pk), context.now);
  const name = `break-glass grant ${message.grantId}`;
  switch (found.look) {
    case 'granted':
      context.countLiving();
      await context.publish(grantedEvent(found.grant));
      await context.watchAgain({ ...message, isPublished: true });
      return { done: `${name} was published` };
    case 'lives': {
      context.countLiving();
      const left = (Date.parse(found.grant.expiresAt) - context.now.getTime()) / 1000;
      return { deferSeconds: Math.ceil(Math.min(Seconds.grantLook, left)), why: `${name} lives` };
    }
    case 'ended':
      await context.publish(endedEvent(found.grant));
      return { done: `${name} has ended` };
    case 'not yet':
      return { deferSeconds: Seconds.grantWrittenPoll, why: `${name} is not written yet` };
    case 'never written':
    case 'replaced':
      return { done: `${name}: ${found.look}` };
  }
}

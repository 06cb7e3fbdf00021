import { findGrant, useGrant } from './lift-refusal';
import { lookInTime, type Look, type LookContext } from './look-at-trust';
import type { ImageName } from '../../src/core/image/image';
import { Seconds } from '../../src/core/times';
import type { BreakGlassPorts } from '../../src/core/trust/break-glass';

/** What a gate needs. */
export interface AskContext extends LookContext {
  /** What would run the image: the ARN of a stack, a service or a function, or an account. Grants name it. */
  readonly scope: string;
  /** Undefined if the trust has no break-glass. */
  readonly breakGlass?: BreakGlassPorts;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
}

/**
 * Decides whether an image may run: the question of every gate. Grants are read only for an image that would
 * be refused.
 *
 * @param over aborted when nobody waits for the answer any more: then no grant is used
 */
export async function askTrust(image: ImageName, context: AskContext, over: AbortSignal): Promise<Look> {
  const look = await lookInTime(image, context, context.pause(Seconds.trustAnswers));
  const { scope, now, breakGlass } = context;
  if (look.decision.trusted || breakGlass === undefined) return look;
  const lift = { scope, now, breakGlass };
  const found = await findGrant(look.decision, image, lift);
  if (!found.ok) return { ...look, decision: found.error };
  if (over.aborted) return look;
  return { ...look, decision: await useGrant(found.value, look.decision, image, lift) };
}

import { releasedEvent, type BrakeEvent } from '../../src/core/events/brake-events';
import { brakeReleaseKey } from '../../src/core/evidence/evidence-keys';
import { releasedNow, type BrakeRelease, type BrakeState } from '../../src/core/register/revocation-brake';
import { plainText } from '../../src/core/text/plain-text';
import { readReleaseRequest } from '../../src/core/trust/release-request';

export interface ReleaseContext {
  readonly brake: {
    load(): Promise<BrakeState>;
    /** Undefined: it holds nothing. */
    release(
      by: Pick<BrakeRelease, 'releaseId' | 'releasedBy' | 'justification' | 'ticket'>,
      now: Date,
    ): Promise<BrakeRelease | undefined>;
  };
  readonly evidence: { writeOnce(key: string, body: string, contentType: string): Promise<boolean> };
  readonly events: { publish(event: BrakeEvent): Promise<void> };
  readonly now: Date;
  /** Compares every image with the register now: what is held is revoked. */
  sweep(): Promise<void>;
  newId(): string;
}

export type ReleaseAnswer = { readonly released: BrakeRelease } | { readonly problems: readonly string[] };

/**
 * Lets the held revocations go through, for a caller whom AWS named. Asked again, it does again what follows
 * a release: an earlier call may have stopped in between.
 */
export async function releaseBrake(
  caller: string,
  body: unknown,
  context: ReleaseContext,
): Promise<ReleaseAnswer> {
  const { brake, evidence, events, now, newId, sweep } = context;
  const request = readReleaseRequest(body);
  if (!request.ok) return { problems: request.error };
  const by = { ...request.value, releaseId: newId(), releasedBy: plainText(caller, 500) };
  const released = (await brake.release(by, now)) ?? releasedNow(await brake.load(), now);
  if (released === undefined) return { problems: ['the brake holds nothing: there is nothing to release'] };
  const text = JSON.stringify(released);
  await evidence.writeOnce(brakeReleaseKey(released.releaseId), text, 'application/json');
  await events.publish(releasedEvent(released));
  await sweep();
  return { released };
}

import * as z from 'zod';
import { subject, Subject } from './image-events';
import { ScanId } from '../ids';
import type { ImageName } from '../image/image';
import type { EndedHold } from '../register/row';

export const HoldDetailType = { ended: 'Image Revocation Hold Ended' } as const;

/** What the brake held is revoked, or passes again. */
export const HoldEndedDetail = Subject.extend({
  /** The FAIL that was held first, as `Image Revocation Held` names it. */
  verdictId: ScanId,
  /** When that FAIL was judged. */
  heldSince: z.iso.datetime(),
  /** When the brake was pulled. */
  pulledAt: z.iso.datetime(),
  /** Always after `heldSince`. */
  endedAt: z.iso.datetime(),
  /** `PASS`: it passes again. `FAIL`: it is revoked. */
  outcome: z.enum(['PASS', 'FAIL']),
});
export type HoldEndedDetail = z.infer<typeof HoldEndedDetail>;

export interface HoldEndedEvent {
  readonly detailType: typeof HoldDetailType.ended;
  readonly detail: HoldEndedDetail;
}

export function holdEndedEvent(
  image: ImageName,
  { verdictId, since: heldSince, pulledAt, endedAt, outcome }: EndedHold,
  tags: readonly string[] | undefined,
): HoldEndedEvent {
  const detail = { ...subject(image, tags), verdictId, heldSince, pulledAt, endedAt, outcome };
  return { detailType: HoldDetailType.ended, detail };
}

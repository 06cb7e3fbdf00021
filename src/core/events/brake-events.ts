import * as z from 'zod';
import { EVENT_SOURCE } from './image-events';
import { BrakeRelease } from '../register/revocation-brake';

export const BrakeDetailType = { released: 'Revocation Brake Released' } as const;

/** Somebody let all revocations go through that the brake held. */
export const BrakeReleasedDetail = BrakeRelease.extend({ version: z.literal(1) });
export type BrakeReleasedDetail = z.infer<typeof BrakeReleasedDetail>;

export interface BrakeEvent {
  readonly detailType: typeof BrakeDetailType.released;
  readonly detail: BrakeReleasedDetail;
}

const Envelope = z.object({
  source: z.literal(EVENT_SOURCE),
  'detail-type': z.literal(BrakeDetailType.released),
  detail: BrakeReleasedDetail,
});

/** An event about the brake, or undefined for another event. */
export function readBrakeEvent(body: unknown): BrakeEvent | undefined {
  const { data } = Envelope.safeParse(body);
  return data && { detailType: data['detail-type'], detail: data.detail };
}

export function releasedEvent(release: BrakeRelease): BrakeEvent {
  return { detailType: BrakeDetailType.released, detail: { version: 1, ...release } };
}

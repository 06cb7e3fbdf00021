import * as z from 'zod';
import { BrakeRelease } from '../register/revocation-brake';

export const BrakeDetailType = { released: 'Revocation Brake Released' } as const;

/** Somebody let all revocations go through that the brake held. */
export const BrakeReleasedDetail = BrakeRelease.extend({ version: z.literal(1) });
export type BrakeReleasedDetail = z.infer<typeof BrakeReleasedDetail>;

export interface BrakeEvent {
  readonly detailType: typeof BrakeDetailType.released;
  readonly detail: BrakeReleasedDetail;
}

export function releasedEvent(release: BrakeRelease): BrakeEvent {
  return { detailType: BrakeDetailType.released, detail: { version: 1, ...release } };
}

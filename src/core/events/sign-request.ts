import * as z from 'zod';
import { DetailType } from './image-events';
import { readEvent } from './our-events';
import { ScanId } from '../ids';
import { ImageName } from '../image/image';
import { failed, ok, type Result } from '../result';

/**
 * "Look at image X again": the verdict is the one that the signer was called for, and signs or does not sign
 * (rule 4.11, sign only what the register says).
 */
export const SignRequest = z.object({ version: z.literal(1), image: ImageName, verdictId: ScanId });
export type SignRequest = z.infer<typeof SignRequest>;

/**
 * A message of the signer's queue: a published verdict, or a request of reconcile. `undefined` for an event
 * that requests nothing.
 */
export function readSignRequest(body: unknown): Result<SignRequest | undefined, string> {
  const request = SignRequest.safeParse(body);
  if (request.success) return ok(request.data);
  const event = readEvent(body);
  if (!event.ok) return failed(`neither a published verdict nor a request to sign: ${event.error}`);
  if (event.value.detailType !== DetailType.verdict) return ok(undefined);
  const { image, verdictId } = event.value.detail;
  return ok({ version: 1, image, verdictId });
}

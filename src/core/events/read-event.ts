import * as z from 'zod';
import {
  DetailType,
  EVENT_SOURCE,
  ImageRevocationHeldDetail,
  ImageRevokedDetail,
  ImageScanFailedDetail,
  ImageTrustedDetail,
  ImageVerdictDetail,
  type ImageEvent,
} from './image-events';
import {
  WaiverDetailType,
  WaiverExpiringDetail,
  WaiversRejectedDetail,
  WaiversUnusedDetail,
  type WaiverEvent,
} from './waiver-events';
import { failed, ok, type Result } from '../result';

const Envelope = z
  .discriminatedUnion('detail-type', [
    z.object({ 'detail-type': z.literal(DetailType.verdict), detail: ImageVerdictDetail }),
    z.object({ 'detail-type': z.literal(DetailType.scanFailed), detail: ImageScanFailedDetail }),
    z.object({ 'detail-type': z.literal(DetailType.trusted), detail: ImageTrustedDetail }),
    z.object({ 'detail-type': z.literal(DetailType.revoked), detail: ImageRevokedDetail }),
    z.object({ 'detail-type': z.literal(DetailType.held), detail: ImageRevocationHeldDetail }),
  ])
  .and(z.object({ source: z.literal(EVENT_SOURCE) }));

const WaiverEnvelope = z
  .discriminatedUnion('detail-type', [
    z.object({ 'detail-type': z.literal(WaiverDetailType.expiring), detail: WaiverExpiringDetail }),
    z.object({ 'detail-type': z.literal(WaiverDetailType.rejected), detail: WaiversRejectedDetail }),
    z.object({ 'detail-type': z.literal(WaiverDetailType.unused), detail: WaiversUnusedDetail }),
  ])
  .and(z.object({ source: z.literal(EVENT_SOURCE) }));

/** An event about waivers, or undefined for another event. */
export function readWaiverEvent(body: unknown): WaiverEvent | undefined {
  const event = WaiverEnvelope.safeParse(body);
  return event.success
    ? ({ detailType: event.data['detail-type'], detail: event.data.detail } as WaiverEvent)
    : undefined;
}

/** One of our own events, as EventBridge delivers it. */
export function readImageEvent(body: unknown): Result<ImageEvent, string> {
  const event = Envelope.safeParse(body);
  if (!event.success) {
    return failed(
      `not an event of ${EVENT_SOURCE}: ${z.prettifyError(event.error).replaceAll('\n', ' ').slice(0, 400)}`,
    );
  }
  const { 'detail-type': detailType, detail } = event.data;
  return ok({ detailType, detail } as ImageEvent); // the two were read together
}

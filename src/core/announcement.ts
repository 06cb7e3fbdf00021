import * as z from 'zod';
import { DetailType, EVENT_SOURCE, ImageScanFailedDetail, ImageVerdictDetail, type ImageEvent } from './events';
import { failed, ok, type Result } from './result';

const Envelope = z.discriminatedUnion('detail-type', [
  z.object({ 'source': z.literal(EVENT_SOURCE), 'detail-type': z.literal(DetailType.verdict), 'detail': ImageVerdictDetail }),
  z.object({ 'source': z.literal(EVENT_SOURCE), 'detail-type': z.literal(DetailType.scanFailed), 'detail': ImageScanFailedDetail }),
]);

/** One of our own events as EventBridge hands it on. */
export function readImageEvent(body: unknown): Result<ImageEvent, string> {
  const event = Envelope.safeParse(body);
  if (!event.success) return failed(`not an event of ${EVENT_SOURCE}: ${z.prettifyError(event.error).replaceAll('\n', ' ').slice(0, 400)}`);
  return event.data['detail-type'] === DetailType.verdict
    ? ok({ detailType: DetailType.verdict, detail: event.data.detail })
    : ok({ detailType: DetailType.scanFailed, detail: event.data.detail });
}

import * as z from 'zod';
import { BrakeDetailType, BrakeReleasedDetail } from './brake-events';
import {
  BreakGlassEndedDetail,
  BreakGlassGrantedDetail,
  BreakGlassUsedDetail,
  GrantDetailType,
} from './grant-events';
import { HoldDetailType, HoldEndedDetail } from './hold-events';
import {
  DetailType,
  EVENT_SOURCE,
  ImageRevocationHeldDetail,
  ImageRevokedDetail,
  ImageScanFailedDetail,
  ImageTrustedDetail,
  ImageVerdictDetail,
} from './image-events';
import {
  ImageArchivedDetail,
  ImageRestoredDetail,
  RevocationDetailType,
  RevokedLocatedDetail,
  SignaturesWithdrawnDetail,
} from './revocation-events';
import {
  WaiverDetailType,
  WaiverExpiringDetail,
  WaiversRejectedDetail,
  WaiversUnusedDetail,
} from './waiver-events';
import { failed, ok, type Result } from '../result';

/** Every event that we publish, by its `detail-type`. docs/events has them as JSON Schema. */
export const DETAILS = {
  [DetailType.verdict]: ImageVerdictDetail,
  [DetailType.scanFailed]: ImageScanFailedDetail,
  [DetailType.trusted]: ImageTrustedDetail,
  [DetailType.revoked]: ImageRevokedDetail,
  [DetailType.held]: ImageRevocationHeldDetail,
  [RevocationDetailType.located]: RevokedLocatedDetail,
  [RevocationDetailType.withdrawn]: SignaturesWithdrawnDetail,
  [RevocationDetailType.archived]: ImageArchivedDetail,
  [RevocationDetailType.restored]: ImageRestoredDetail,
  [WaiverDetailType.expiring]: WaiverExpiringDetail,
  [WaiverDetailType.rejected]: WaiversRejectedDetail,
  [WaiverDetailType.unused]: WaiversUnusedDetail,
  [GrantDetailType.granted]: BreakGlassGrantedDetail,
  [GrantDetailType.used]: BreakGlassUsedDetail,
  [GrantDetailType.ended]: BreakGlassEndedDetail,
  [BrakeDetailType.released]: BrakeReleasedDetail,
  [HoldDetailType.ended]: HoldEndedDetail,
} as const;

type Details = typeof DETAILS;
export type OurEvent = {
  readonly [Type in keyof Details]: { readonly detailType: Type; readonly detail: z.infer<Details[Type]> };
}[keyof Details];

const Envelope = z.object({
  source: z.literal(EVENT_SOURCE),
  'detail-type': z.object(DETAILS).keyof(),
  detail: z.unknown(),
});

/** One of our own events, as EventBridge delivers it. */
export function readEvent(body: unknown): Result<OurEvent, string> {
  const event = Envelope.safeParse(body);
  if (!event.success) return failed(`not an event of ${EVENT_SOURCE}: ${text(event.error)}`);
  const { 'detail-type': detailType, detail } = event.data;
  const read = DETAILS[detailType].safeParse(detail);
  if (!read.success) return failed(`not an event of ${EVENT_SOURCE}: ${detailType}: ${text(read.error)}`);
  return ok({ detailType, detail: read.data } as OurEvent); // the two belong together
}

function text(error: z.ZodError): string {
  return z.prettifyError(error).replaceAll('\n', ' ').slice(0, 350);
}

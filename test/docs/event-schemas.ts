import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { BrakeDetailType, BrakeReleasedDetail } from '../../src/core/events/brake-events';
import { HoldDetailType, HoldEndedDetail } from '../../src/core/events/hold-events';
import {
  DetailType,
  EVENT_SOURCE,
  ImageRevocationHeldDetail,
  ImageRevokedDetail,
  ImageScanFailedDetail,
  ImageTrustedDetail,
  ImageVerdictDetail,
} from '../../src/core/events/image-events';
import {
  ImageArchivedDetail,
  ImageRestoredDetail,
  RevocationDetailType,
  RevokedLocatedDetail,
  SignaturesWithdrawnDetail,
} from '../../src/core/events/revocation-events';
import {
  WaiverDetailType,
  WaiverExpiringDetail,
  WaiversRejectedDetail,
  WaiversUnusedDetail,
} from '../../src/core/events/waiver-events';
import {
  BreakGlassEndedDetail,
  BreakGlassGrantedDetail,
  BreakGlassUsedDetail,
  GrantDetailType,
} from '../../src/core/trust/grant-events';

export const EVENTS_FOLDER = join(__dirname, '..', '..', 'docs', 'events');

/**
 * By the name of its file: the `detail` of each event. To write them anew: `npx tsx
 * test/docs/event-schemas.ts`
 */
export const EVENT_SCHEMAS = {
  'image-verdict.schema.json': schemaOf(DetailType.verdict, ImageVerdictDetail),
  'image-scan-failed.schema.json': schemaOf(DetailType.scanFailed, ImageScanFailedDetail),
  'image-trusted.schema.json': schemaOf(DetailType.trusted, ImageTrustedDetail),
  'image-revoked.schema.json': schemaOf(DetailType.revoked, ImageRevokedDetail),
  'revoked-image-located.schema.json': schemaOf(RevocationDetailType.located, RevokedLocatedDetail),
  'image-signatures-withdrawn.schema.json': schemaOf(
    RevocationDetailType.withdrawn,
    SignaturesWithdrawnDetail,
  ),
  'image-revocation-held.schema.json': schemaOf(DetailType.held, ImageRevocationHeldDetail),
  'image-revocation-hold-ended.schema.json': schemaOf(HoldDetailType.ended, HoldEndedDetail),
  'revocation-brake-released.schema.json': schemaOf(BrakeDetailType.released, BrakeReleasedDetail),
  'image-archived.schema.json': schemaOf(RevocationDetailType.archived, ImageArchivedDetail),
  'image-restored.schema.json': schemaOf(RevocationDetailType.restored, ImageRestoredDetail),
  'waiver-expiring.schema.json': schemaOf(WaiverDetailType.expiring, WaiverExpiringDetail),
  'waivers-rejected.schema.json': schemaOf(WaiverDetailType.rejected, WaiversRejectedDetail),
  'break-glass-granted.schema.json': schemaOf(GrantDetailType.granted, BreakGlassGrantedDetail),
  'break-glass-used.schema.json': schemaOf(GrantDetailType.used, BreakGlassUsedDetail),
  'break-glass-ended.schema.json': schemaOf(GrantDetailType.ended, BreakGlassEndedDetail),
  'waivers-unused.schema.json': schemaOf(WaiverDetailType.unused, WaiversUnusedDetail),
} as const;

/**
 * As a reader sees it: a field that it does not name may be added without a new version, so more fields are
 * allowed.
 */
function schemaOf(detailType: string, detail: z.ZodType): string {
  const { $schema, ...rest } = z.toJSONSchema(detail, { io: 'input' });
  const schema = {
    $schema,
    title: detailType,
    description: `The detail of an event with the source ${EVENT_SOURCE} and the detail-type ${detailType}.`,
    ...rest,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

if (require.main === module) {
  for (const [file, text] of Object.entries(EVENT_SCHEMAS)) writeFileSync(join(EVENTS_FOLDER, file), text);
}

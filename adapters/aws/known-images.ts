import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { KnownImage, type KnownImages } from '../../src/core/doctor/known-image';
import { ImageName } from '../../src/core/image/image';
import { BRAKE_KEY, BrakeState } from '../../src/core/register/revocation-brake';
import { ScanSlots, SLOTS_KEY } from '../../src/core/register/scan-slots';
import { AtOnce } from '../../src/core/times';

/** What `KnownImage`, `ScanSlots` and `BrakeState` have. */
const FIELDS = [
  'pk',
  'kind',
  'lease.until',
  'verdict.outcome',
  'verdict.scannedAt',
  'verdict.validUntil',
  'verdict.databaseUpdatedAt',
  'lastFailedScan.cause',
  'lastFailedScan.at',
  'signature.at',
  'signature.withoutTag',
  'children',
  'held.until',
  'limits',
  'scans',
  'line',
  'measured',
  'scanSeconds',
  'failed',
  'counted',
  'pulled',
  'released',
];

/** The whole register, in parts at once: 10,000 rows take a few seconds, and cost less than a cent. */
export async function knownImages(
  TableName: string,
  client: DynamoDBClient,
  signal: AbortSignal,
): Promise<KnownImages> {
  const documents = DynamoDBDocumentClient.from(client);
  const names = [...new Set(FIELDS.flatMap(field => field.split('.')))];
  const images = new Map<string, KnownImage>();
  let slots: ScanSlots | undefined;
  let brake: BrakeState | undefined;
  const readPart = async (Segment: number) => {
    const pages = paginateScan(
      { client: documents },
      {
        TableName,
        Segment,
        TotalSegments: AtOnce.segments,
        ProjectionExpression: FIELDS.map(field => `#${field.split('.').join('.#')}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(names.map(name => [`#${name}`, name])),
      },
    );
    for await (const { Items = [] } of pages) {
      signal.throwIfAborted();
      for (const item of Items) {
        if (item.pk === SLOTS_KEY) slots = ScanSlots.safeParse(item).data;
        else if (item.pk === BRAKE_KEY) brake = BrakeState.safeParse(item).data;
        // other rows are of repositories: their grace periods
        else if (ImageName.safeParse(item.pk).success) images.set(item.pk as string, KnownImage.parse(item));
      }
    }
  };
  await Promise.all(Array.from({ length: AtOnce.segments }, (_, segment) => readPart(segment)));
  return { images, slots, ...(brake !== undefined && { brake }) };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { imageName } from '../../src/core/image/image';
import { RegisterRow } from '../../src/core/register/row';
import type { CloudDescription } from '../cloud/description';
import { patienceWith } from '../cloud/patience';

export interface Followed {
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR' | 'PENDING';
  readonly worst: readonly string[];
  readonly row: RegisterRow | undefined;
}

/**
 * Waits until the register has the outcome of an image: a verdict, or a failed scan that is not retried.
 */
export async function follow(
  cloud: CloudDescription,
  table: string,
  repository: string,
  digest: string,
  seconds = patienceWith(cloud).verdict / 1000,
): Promise<Followed> {
  return outcomeOf(
    await rowOnce(cloud, table, repository, digest, seconds, row => outcomeOf(row).outcome !== 'PENDING'),
  );
}

/** Waits for the statement of the signer, which gates verify. Throws if it does not arrive. */
export async function followTrust(
  cloud: CloudDescription,
  table: string,
  repository: string,
  digest: string,
  seconds = patienceWith(cloud).signature / 1000,
): Promise<RegisterRow> {
  const row = await rowOnce(cloud, table, repository, digest, seconds, each => each?.statement !== undefined);
  if (row?.statement === undefined) {
    throw new Error(
      `${repository}@${digest} was not signed within ${seconds} seconds; see what the signer says in ${cloud.logFile}`,
    );
  }
  return row;
}

async function rowOnce(
  cloud: CloudDescription,
  table: string,
  repository: string,
  digest: string,
  seconds: number,
  isReady: (row: RegisterRow | undefined) => boolean,
): Promise<RegisterRow | undefined> {
  const { endpoint, region, credentials, account } = cloud;
  const documents = DynamoDBDocument.from(new DynamoDB({ endpoint, region, credentials }));
  const pk = imageName({ account, region, repository, digest });
  for (const end = Date.now() + seconds * 1000; ;) {
    const { Item } = await documents.get({ TableName: table, Key: { pk }, ConsistentRead: true });
    const row = Item === undefined ? undefined : RegisterRow.parse(Item);
    if (isReady(row) || Date.now() > end) return row;
    await sleep(patienceWith(cloud).lookEvery);
  }
}

function outcomeOf(row: RegisterRow | undefined): Followed {
  if (row?.verdict !== undefined) return { outcome: row.verdict.outcome, worst: row.verdict.worst, row };
  if (row?.lastFailedScan !== undefined && row.lastFailedScan.retryAt === undefined) {
    return { outcome: 'ERROR', worst: [`${row.lastFailedScan.cause}: ${row.lastFailedScan.detail}`], row };
  }
  return { outcome: 'PENDING', worst: [waitsFor(row)], row };
}

/** What a verdict that does not come waits for. */
function waitsFor(row: RegisterRow | undefined): string {
  if (row?.lease !== undefined) {
    const { scanId, at, buildId = 'no build yet' } = row.lease;
    return `the result of scan ${scanId}, begun ${at}: ${buildId}`;
  }
  if (row?.lastFailedScan === undefined) return 'a scan: none has begun';
  const { cause, detail, retryAt } = row.lastFailedScan;
  return `the next try at ${retryAt} after ${cause}: ${detail}`;
}

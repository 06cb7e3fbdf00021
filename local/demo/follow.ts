import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { imageName } from '../../src/core/image';
import { RegisterRow } from '../../src/core/trust/register-row';
import type { CloudDescription } from '../cloud/description';

export interface Followed {
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR' | 'PENDING';
  readonly worst: readonly string[];
  readonly row: RegisterRow | undefined;
}

/** Waits until the register says what became of an image: a verdict, or an attempt that is not tried again. */
export async function follow(cloud: CloudDescription, table: string, repository: string, digest: string, seconds = 120): Promise<Followed> {
  const { endpoint, region, credentials, account } = cloud;
  const documents = DynamoDBDocument.from(new DynamoDB({ endpoint, region, credentials }));
  const pk = imageName({ account, region, repository, digest });
  for (const end = Date.now() + seconds * 1000; ;) {
    const { Item } = await documents.get({ TableName: table, Key: { pk }, ConsistentRead: true });
    const row = Item === undefined ? undefined : RegisterRow.parse(Item);
    const followed = outcomeOf(row);
    if (followed.outcome !== 'PENDING' || Date.now() > end) return followed;
    await sleep(100);
  }
}

function outcomeOf(row: RegisterRow | undefined): Followed {
  if (row?.verdict !== undefined) return { outcome: row.verdict.outcome, worst: row.verdict.worst, row };
  if (row?.lastAttempt !== undefined && row.lastAttempt.retryAt === undefined) return { outcome: 'ERROR', worst: [`${row.lastAttempt.cause}: ${row.lastAttempt.detail}`], row };
  return { outcome: 'PENDING', worst: [], row };
}

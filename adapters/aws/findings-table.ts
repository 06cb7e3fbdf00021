import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { documentsOf } from './documents';
import { FindingRow } from '../../src/core/findings/changes';
import { FINDING_PREFIX } from '../../src/core/findings/keys';
import { AtOnce, Seconds, Tries } from '../../src/core/times';

/** DynamoDB takes 25 items a call. */
const BATCH = 25;

/** The large projection for people and queries. It can be rebuilt from the evidence. */
export class FindingsTable {
  private readonly documents: DynamoDBDocumentClient;

  constructor(
    private readonly table: string,
    client = new DynamoDBClient({}),
  ) {
    this.documents = documentsOf(client);
  }

  public async ofImage(image: string): Promise<FindingRow[]> {
    const rows: FindingRow[] = [];
    const pages = paginateQuery(
      { client: this.documents },
      {
        TableName: this.table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': image, ':prefix': FINDING_PREFIX },
        ConsistentRead: true,
      },
    );
    for await (const { Items } of pages) for (const item of Items ?? []) rows.push(FindingRow.parse(item));
    return rows;
  }

  public async write(rows: readonly FindingRow[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, index) =>
      rows.slice(index * BATCH, (index + 1) * BATCH),
    );
    const workers = Array.from({ length: Math.min(AtOnce.findings, batches.length) }, async () => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
        await this.writeBatch(batch);
      }
    });
    await Promise.all(workers);
  }

  /**
   * What DynamoDB did not take is sent again, later each time; then it throws, and the message comes back.
   */
  private async writeBatch(rows: readonly FindingRow[]): Promise<void> {
    let requests: { PutRequest?: { Item: Record<string, unknown> | undefined } }[] = rows.map(Item => ({
      PutRequest: { Item },
    }));
    for (let tries = 0; requests.length > 0; tries++) {
      if (tries === Tries.findings) {
        throw new Error(`DynamoDB did not take ${requests.length} rows in ${Tries.findings} tries`);
      }
      if (tries > 0) {
        await new Promise(resolve => setTimeout(resolve, 2 ** tries * Seconds.findingsRetry * 1000));
      }
      const { UnprocessedItems } = await this.documents.send(
        new BatchWriteCommand({ RequestItems: { [this.table]: requests } }),
      );
      requests = UnprocessedItems?.[this.table] ?? [];
    }
  }
}

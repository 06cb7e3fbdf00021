import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { FindingRow } from '../../src/core/findings/changes';
import { FINDING_PREFIX, FindingsIndex, vulnerabilityPartition } from '../../src/core/findings/keys';
import { SHARDS } from '../../src/core/register/row';
import { cutToBytes } from '../../src/core/text/plain-text';
import { AtOnce } from '../../src/core/times';
import { inParallel } from '../in-parallel';

/** The findings table, as people ask it. */
export class FindingsQuery {
  private readonly documents: DynamoDBDocumentClient;

  constructor(
    private readonly table: string,
    client: DynamoDBClient,
  ) {
    this.documents = DynamoDBDocumentClient.from(client);
  }

  public ofImage(image: string): Promise<FindingRow[]> {
    return this.query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': image, ':prefix': FINDING_PREFIX },
    }).then(items => items.map(item => FindingRow.parse(item)));
  }

  /**
   * The index knows which images have it; who waived it stands in the rows themselves. One that went
   * meanwhile is left out.
   */
  public async ofVulnerability(id: string): Promise<FindingRow[]> {
    const { name: IndexName, partitionKey } = FindingsIndex.vulnerability;
    const shards = await inParallel(AtOnce.shards, [...SHARDS], shard =>
      this.query({
        IndexName,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': partitionKey },
        ExpressionAttributeValues: { ':pk': vulnerabilityPartition(cutToBytes(id, 48), shard) },
      }),
    );
    const rows = await inParallel(AtOnce.shards, shards.flat(), async ({ pk, sk }) => {
      const { Item } = await this.documents.send(new GetCommand({ TableName: this.table, Key: { pk, sk } }));
      return Item === undefined ? [] : [FindingRow.parse(Item)];
    });
    return rows.flat();
  }

  private async query(
    query: Omit<Parameters<typeof paginateQuery>[1], 'TableName'>,
  ): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    for await (const { Items } of paginateQuery(
      { client: this.documents },
      { ...query, TableName: this.table },
    )) {
      items.push(...(Items ?? []));
    }
    return items;
  }
}

import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  paginateScan,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import { documentsOf } from './documents';
import { GrantsKey, type Grant } from '../../src/core/trust/grant';

/** The table of break-glass grants. */
export class GrantsTable {
  private readonly documents: DynamoDBDocumentClient;

  constructor(
    private readonly table: string,
    client = new DynamoDBClient({}),
  ) {
    this.documents = documentsOf(client);
  }

  /** A strongly consistent read: a grant that was ended must not count. */
  public async of(key: string): Promise<unknown[]> {
    const rows: unknown[] = [];
    const pages = paginateQuery(
      { client: this.documents },
      {
        TableName: this.table,
        ConsistentRead: true,
        KeyConditionExpression: `${GrantsKey.partitionKey} = :key`,
        ExpressionAttributeValues: { ':key': key },
      },
    );
    for await (const { Items } of pages) rows.push(...(Items ?? []));
    return rows;
  }

  /** A strongly consistent read too: it is looked for as soon as it is written. */
  public async load(key: string, grantId: string): Promise<unknown> {
    const Key = { [GrantsKey.partitionKey]: key, [GrantsKey.sortKey]: grantId };
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key, ConsistentRead: true }),
    );
    return Item;
  }

  public async put(Item: Grant): Promise<void> {
    await this.documents.send(new PutCommand({ TableName: this.table, Item }));
  }

  /** False if it was ended by now: the first who ends it is named. */
  public async end(Item: Grant): Promise<boolean> {
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.table,
          Item,
          ConditionExpression: `attribute_exists(${GrantsKey.sortKey}) AND attribute_not_exists(endedAt)`,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Every row. There are as many as there were grants. */
  public async *all(): AsyncIterable<unknown> {
    const pages = paginateScan({ client: this.documents }, { TableName: this.table, ConsistentRead: true });
    for await (const { Items } of pages) yield* Items ?? [];
  }
}

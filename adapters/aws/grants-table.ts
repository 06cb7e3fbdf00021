import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
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
  public async load(key: string): Promise<unknown> {
    const Key = { [GrantsKey.partitionKey]: key };
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key, ConsistentRead: true }),
    );
    return Item;
  }

  /** In place of an earlier grant for the same image and scope. */
  public async put(Item: Grant): Promise<void> {
    await this.documents.send(new PutCommand({ TableName: this.table, Item }));
  }

  /** False if another grant is there by now. */
  public async end(Item: Grant): Promise<boolean> {
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.table,
          Item,
          ConditionExpression: 'grantId = :seen',
          ExpressionAttributeValues: { ':seen': Item.grantId },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Every row. There are as many as there were images and scopes in emergencies. */
  public async *all(): AsyncIterable<unknown> {
    const pages = paginateScan({ client: this.documents }, { TableName: this.table, ConsistentRead: true });
    for await (const { Items } of pages) yield* Items ?? [];
  }
}

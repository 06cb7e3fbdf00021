import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
import { AskedGrants } from './asked-grants';
import { GrantsKey, type Grant } from '../../src/core/trust/grant';

/** The table of break-glass grants. */
export class GrantsTable extends AskedGrants {
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

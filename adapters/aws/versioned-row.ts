import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { documentsOf } from './documents';
import { MILLISECONDS, Tries } from '../../src/core/times';

/** A row of the register that is about no image, and that many change at the same moment. */
export class VersionedRow<Row extends object> {
  private readonly documents: DynamoDBDocumentClient;

  /** @param read what is in the table, or nothing, before a change */
  constructor(
    private readonly table: string,
    private readonly pk: string,
    private readonly read: (item: unknown) => Row,
    client = new DynamoDBClient({}),
  ) {
    this.documents = documentsOf(client);
  }

  /** As it is in the table. */
  public async load(): Promise<Record<string, unknown> | undefined> {
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key: { pk: this.pk }, ConsistentRead: true }),
    );
    return Item;
  }

  /** The loser of a race reads what the winner wrote. */
  public async change<Changed extends { readonly row: Row }>(by: (row: Row) => Changed): Promise<Changed> {
    for (let tries = 0; tries < Tries.row; tries++) {
      const item = await this.load();
      const before = this.read(item);
      const changed = by(before);
      const isUnchanged = JSON.stringify(changed.row) === JSON.stringify(before);
      if (isUnchanged || (await this.put(changed.row, item?.rowVersion as number | undefined))) {
        return changed;
      }
      await sleep(Math.random() * MILLISECONDS.rowRace);
    }
    throw new Error(`the row ${this.pk} of the register was changed by others ${Tries.row} times in a row`);
  }

  private async put(row: Row, seen: number | undefined): Promise<boolean> {
    const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };
    const isUnchanged = {
      ConditionExpression: 'rowVersion = :seen',
      ExpressionAttributeValues: { ':seen': seen },
    };
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.table,
          Item: { pk: this.pk, rowVersion: (seen ?? 0) + 1, ...row },
          ...(seen === undefined ? isNew : isUnchanged),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

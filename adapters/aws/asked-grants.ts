import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { documentsOf } from './documents';
import { GrantsKey } from '../../src/core/trust/grant';

/** The table of break-glass grants, as far as a gate reads it: its function stays small. */
export class AskedGrants {
  protected readonly documents: DynamoDBDocumentClient;

  constructor(
    protected readonly table: string,
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
}

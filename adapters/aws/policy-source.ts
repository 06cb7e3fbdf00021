import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { PolicyRow } from '../../src/core/policy/policy-table';

const KEY = { [PolicyRow.partitionKey]: PolicyRow.source };

/** The policy as the last deployment declared it, to activate it again when files in a bucket change. */
export class PolicySource {
  private readonly documents: DynamoDBDocumentClient;

  constructor(
    private readonly table: string,
    client = new DynamoDBClient({}),
  ) {
    this.documents = DynamoDBDocumentClient.from(client);
  }

  public async read(): Promise<string | undefined> {
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key: KEY, ConsistentRead: true }),
    );
    return typeof Item?.document === 'string' ? Item.document : undefined;
  }

  public async write(document: string): Promise<void> {
    await this.documents.send(new PutCommand({ TableName: this.table, Item: { ...KEY, document } }));
  }
}

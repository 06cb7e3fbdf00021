import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { PolicyRow } from '../../src/core/policy/policy-row';

const Row = z.object({ revision: z.number().int(), sha256: z.string() });

const KEY = { [PolicyRow.partitionKey]: PolicyRow.current };

/** Which policy is in force, and its revision. In a table of its own: who publishes policies has no business in the register. */
export class PolicyRegister {
  private readonly documents: DynamoDBDocumentClient;

  constructor(private readonly table: string, client = new DynamoDBClient({})) {
    this.documents = DynamoDBDocumentClient.from(client);
  }

  public async current(): Promise<{ revision: number; sha256: string } | undefined> {
    const { Item } = await this.documents.send(new GetCommand({ TableName: this.table, Key: KEY, ConsistentRead: true }));
    return Item === undefined ? undefined : Row.parse(Item);
  }

  /** The next revision for another document; the same one for the same document. */
  public async publish(sha256: string): Promise<{ revision: number; changed: boolean }> {
    for (let tries = 0; tries < 5; tries++) {
      const current = await this.current();
      if (current?.sha256 === sha256) return { revision: current.revision, changed: false };
      const revision = (current?.revision ?? 0) + 1;
      try {
        await this.documents.send(new PutCommand({
          TableName: this.table,
          Item: { ...KEY, revision, sha256 },
          ...(current === undefined ? { ConditionExpression: 'attribute_not_exists(revision)' } : { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: { ':seen': current.revision } }),
        }));
        return { revision, changed: true };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    }
    throw new Error('the policy was published by somebody else at the same time, five times in a row');
  }
}

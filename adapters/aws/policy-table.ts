import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { documentsOf } from './documents';
import { PolicyRow } from '../../src/core/policy/policy-table';

const Row = z.object({
  revision: z.number().int(),
  sha256: z.string(),
  versionId: z.string().optional(),
  /**
   * What was active when the last deployment published: a deployment that is rolled back may need the files
   * that it read from a bucket.
   */
  before: z.string().optional(),
});
type Row = z.infer<typeof Row>;

/**
 * Which policy is active, or which waivers, and its revision. The table is not the register: a role that
 * publishes policies needs no right to the register.
 */
export class PolicyTable {
  private readonly documents: DynamoDBDocumentClient;

  private readonly key: Record<string, string>;

  constructor(
    private readonly table: string,
    row: typeof PolicyRow.current | typeof PolicyRow.waivers,
    client = new DynamoDBClient({}),
  ) {
    this.key = { [PolicyRow.partitionKey]: row };
    this.documents = documentsOf(client);
  }

  public async current(): Promise<Row | undefined> {
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key: this.key, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : Row.parse(Item);
  }

  /**
   * The next revision, or undefined if another document is active than was seen: whoever decided by what was
   * read since must read it again (rule 4.2, optimistic locking).
   */
  public async replace(
    seen: Pick<Row, 'revision'> | undefined,
    { sha256, versionId, before }: Omit<Row, 'revision'>,
  ): Promise<number | undefined> {
    const revision = (seen?.revision ?? 0) + 1;
    const isFirst = { ConditionExpression: 'attribute_not_exists(revision)' };
    const isUnchanged = {
      ConditionExpression: 'revision = :seen',
      ExpressionAttributeValues: { ':seen': seen?.revision },
    };
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.table,
          Item: { ...this.key, revision, sha256, versionId, before },
          ...(seen === undefined ? isFirst : isUnchanged),
        }),
      );
      return revision;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}

/** Both of them, for what judges by them. */
export function policyPointers(
  table: string,
  client?: DynamoDBClient,
): {
  policy: PolicyTable['current'];
  waivers: PolicyTable['current'];
} {
  const [policy, waivers] = [PolicyRow.current, PolicyRow.waivers].map(
    row => new PolicyTable(table, row, client),
  ) as [PolicyTable, PolicyTable];
  return { policy: () => policy.current(), waivers: () => waivers.current() };
}

import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { PolicyRow } from '../../src/core/policy/policy-table';
import { Tries } from '../../src/core/times';

const Row = z.object({
  revision: z.number().int(),
  sha256: z.string(),
  versionId: z.string().optional(),
  /**
   * What was active when the last deployment published: a deployment on its way back may need what it read
   * from a bucket.
   */
  before: z.string().optional(),
});
type Row = z.infer<typeof Row>;

/**
 * Which policy is active, or which waivers, and its revision. In a table of its own: who publishes policies
 * has no business in the register.
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
    this.documents = DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    });
  }

  public async current(): Promise<Row | undefined> {
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key: this.key, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : Row.parse(Item);
  }

  /** The next revision for another document; the same one for the same document. */
  public async publish(sha256: string): Promise<{ revision: number; changed: boolean }> {
    for (let tries = 0; tries < Tries.activate; tries++) {
      const current = await this.current();
      if (current?.sha256 === sha256) return { revision: current.revision, changed: false };
      const revision = await this.replace(
        current === undefined ? undefined : { ...current, before: current.sha256 },
        sha256,
      );
      if (revision !== undefined) return { revision, changed: true };
    }
    throw new Error(
      `another document was published by somebody else at the same time, ${Tries.activate} times in a row`,
    );
  }

  /**
   * The next revision, or undefined if another one is active than was seen: who decides from something that
   * he read since has to read it again.
   */
  public async replace(
    seen: Pick<Row, 'revision' | 'before'> | undefined,
    sha256: string,
    versionId?: string,
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
          Item: { ...this.key, revision, sha256, versionId, before: seen?.before },
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

/** Both of them, for who judges by them. */
export function policyPointers(table: string): {
  policy: PolicyTable['current'];
  waivers: PolicyTable['current'];
} {
  const [policy, waivers] = [PolicyRow.current, PolicyRow.waivers].map(
    row => new PolicyTable(table, row),
  ) as [PolicyTable, PolicyTable];
  return { policy: () => policy.current(), waivers: () => waivers.current() };
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { GracePeriods } from '../../src/core/evaluation/grace-periods';
import { repositoryOf, type ImageName } from '../../src/core/image/image';

const Row = z.object({ since: z.record(z.string(), z.string()) });
/** Grace periods of one update: an expression of DynamoDB has 4 KB at most. */
const AT_ONCE = 50;

/**
 * When the grace periods of a repository began: a row beside those of its images. A grace period is opened
 * once and never moved.
 */
export class RepositoryGracePeriods {
  private readonly documents: DynamoDBDocumentClient;

  constructor(
    private readonly table: string,
    client = new DynamoDBClient({}),
  ) {
    this.documents = DynamoDBDocumentClient.from(client);
  }

  public async of(image: ImageName): Promise<GracePeriods> {
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key: { pk: keyOf(image) }, ConsistentRead: true }),
    );
    return new Map(Item === undefined ? [] : Object.entries(Row.parse(Item).since));
  }

  /** If two open the same grace period at once, the first one counts. */
  public async open(image: ImageName, gracePeriods: GracePeriods): Promise<void> {
    const Key = { pk: keyOf(image) };
    await this.documents.send(
      new UpdateCommand({
        TableName: this.table,
        Key,
        UpdateExpression: 'SET since = if_not_exists(since, :none)',
        ExpressionAttributeValues: { ':none': {} },
      }),
    );
    const opened = [...gracePeriods];
    for (let first = 0; first < opened.length; first += AT_ONCE) {
      const some = opened.slice(first, first + AT_ONCE);
      await this.documents.send(
        new UpdateCommand({
          TableName: this.table,
          Key,
          UpdateExpression: `SET ${some.map((_, at) => `since.#k${at} = if_not_exists(since.#k${at}, :t${at})`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(some.map(([key], at) => [`#k${at}`, key])),
          ExpressionAttributeValues: Object.fromEntries(some.map(([, since], at) => [`:t${at}`, since])),
        }),
      );
    }
  }
}

function keyOf(image: ImageName): string {
  return `GRACE#${repositoryOf(image)}`;
}

import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  paginateScan,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import { documentsOf } from './documents';
import { ImageName } from '../../src/core/image/image';
import {
  duePartition,
  newRow,
  RegisterIndex,
  RegisterRow,
  repositoryPartition,
  SHARDS,
} from '../../src/core/register/row';
import { toWrite } from '../../src/core/register/transitions';
import { Seconds, MILLISECONDS } from '../../src/core/times';

/** The table that gates read. Every write states its condition as named clauses. */
export class TrustRegister {
  private readonly documents: DynamoDBDocumentClient;

  constructor(
    private readonly table: string,
    client = new DynamoDBClient({}),
  ) {
    this.documents = documentsOf(client);
  }

  /** A strongly consistent read; a row of version 0 where there is none yet. */
  public async load(image: ImageName): Promise<RegisterRow> {
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.table, Key: { pk: image }, ConsistentRead: true }),
    );
    return Item === undefined ? newRow(image) : RegisterRow.parse(Item);
  }

  /**
   * The row as it is now, or undefined if somebody else wrote it in between, or a counter would go back (rule
   * 4.2, optimistic locking).
   */
  public async save(row: RegisterRow, now: Date): Promise<RegisterRow | undefined> {
    const Item = toWrite(row, now);
    const isNew = 'attribute_not_exists(pk)';
    const isUnchanged = 'rowVersion = :seen';
    const noCounterGoesBack =
      'scanSeq <= :scanSeq AND policyRevision <= :policyRevision AND waiverRevision <= :waiverRevision';
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.table,
          Item,
          ...(row.rowVersion === 0
            ? { ConditionExpression: isNew }
            : {
                ConditionExpression: `${isUnchanged} AND ${noCounterGoesBack}`,
                ExpressionAttributeValues: {
                  ':seen': row.rowVersion,
                  ':scanSeq': row.scanSeq,
                  ':policyRevision': row.policyRevision,
                  ':waiverRevision': row.waiverRevision,
                },
              }),
        }),
      );
      return Item;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  /** Rows that somebody must look at by now. */
  public async *due(now: Date): AsyncIterable<RegisterRow> {
    for (let back = Seconds.dueLookBack / (MILLISECONDS.day / 1000); back >= 0; back--) {
      const day = new Date(now.getTime() - back * MILLISECONDS.day).toISOString().slice(0, 10);
      for (const shard of SHARDS) {
        yield* this.query(RegisterIndex.due.name, 'duePk = :pk AND dueSk <= :now', {
          ':pk': duePartition(day, shard),
          ':now': now.toISOString(),
        });
      }
    }
  }

  /** Rows of a repository. */
  public async *rowsOf(repository: {
    account: string;
    region: string;
    repository: string;
  }): AsyncIterable<RegisterRow> {
    for (const shard of SHARDS) {
      yield* this.query(RegisterIndex.repository.name, 'repositoryPk = :pk', {
        ':pk': repositoryPartition(repository, shard),
      });
    }
  }

  /** The rows of all images. Reads the whole table. */
  public async *all(): AsyncIterable<RegisterRow> {
    const pages = paginateScan({ client: this.documents }, { TableName: this.table });
    for await (const { Items } of pages) {
      for (const item of Items ?? []) {
        // other rows are of the scanner's slots, and of the grace periods of repositories
        if (ImageName.safeParse(item.pk).success) yield RegisterRow.parse(item);
      }
    }
  }

  /** Every row of an index partition. Index rows are eventually consistent: hints. */
  private async *query(
    IndexName: string,
    KeyConditionExpression: string,
    values: Record<string, string>,
  ): AsyncIterable<RegisterRow> {
    const query = {
      TableName: this.table,
      IndexName,
      KeyConditionExpression,
      ExpressionAttributeValues: values,
    };
    const pages = paginateQuery({ client: this.documents }, query);
    for await (const { Items } of pages) for (const item of Items ?? []) yield RegisterRow.parse(item);
  }
}

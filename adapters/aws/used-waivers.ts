import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { documentsOf } from './documents';
import { Limit } from '../../src/core/limits';
import type { UsedWaivers } from '../../src/core/waivers/unused';

const UsedKeys = z.array(z.string()).default([]);

/** Which waivers cover something, as the register says. */
export class WaiversInRegister {
  private readonly documents: DynamoDBDocumentClient;

  constructor(
    private readonly table: string,
    client = new DynamoDBClient({}),
  ) {
    this.documents = documentsOf(client);
  }

  /**
   * The first characters of the keys of all waivers that cover something in some image now. Reads the whole
   * table, once a day. A row has room for the first of them, in order: what may come after those is not
   * known. Images that were deleted need none.
   */
  public async used(): Promise<UsedWaivers> {
    const used = new Set<string>();
    let unknownFrom: string | undefined;
    const pages = paginateScan(
      { client: this.documents },
      {
        TableName: this.table,
        ProjectionExpression: '#verdict.#keys, #failedScan.#cause',
        ExpressionAttributeNames: {
          '#verdict': 'verdict',
          '#keys': 'waiverKeys',
          '#failedScan': 'lastFailedScan',
          '#cause': 'cause',
        },
      },
    );
    for await (const { Items } of pages) {
      for (const { verdict, lastFailedScan } of Items ?? []) {
        if (lastFailedScan?.cause === 'IMAGE_GONE') continue;
        const keys = UsedKeys.parse(verdict?.waiverKeys);
        for (const key of keys) used.add(key);
        const last = keys.length < Limit.rowWaivers ? undefined : keys.at(-1);
        if (last !== undefined && (unknownFrom === undefined || last < unknownFrom)) unknownFrom = last;
      }
    }
    return { keys: used, ...(unknownFrom !== undefined && { unknownFrom }) };
  }
}

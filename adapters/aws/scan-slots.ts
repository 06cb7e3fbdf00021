import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  freeSlot,
  keepSlot,
  NO_SLOTS,
  refuseSlot,
  releaseSlot,
  ScanSlots,
  SLOTS_KEY,
  takeSlot,
  type WantedSlot,
} from '../../src/core/register/scan-slots';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { MILLISECONDS, Tries } from '../../src/core/times';

/** The scans that are under way and who is next, in one row of the register (rule 4.12, turns). */
export class ScanSlotsRow {
  private readonly documents: DynamoDBDocumentClient;

  /** @param limits only who starts scans needs to know them */
  constructor(
    private readonly table: string,
    private readonly limits = NO_SLOTS.limits,
    client = new DynamoDBClient({}),
  ) {
    this.documents = DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    });
  }

  public async take(wanted: WantedSlot, now: Date): Promise<string | undefined> {
    return (await this.change(slots => takeSlot(slots, this.limits, wanted, now))).refused;
  }

  public async keep(wanted: WantedSlot, until: string, now: Date): Promise<void> {
    await this.change(slots => keepSlot(slots, wanted, until, now));
  }

  public async refuse(wanted: WantedSlot, now: Date): Promise<void> {
    await this.change(slots => refuseSlot(slots, wanted, now));
  }

  public async free(scanId: string, now: Date): Promise<void> {
    await this.change(slots => freeSlot(slots, scanId, now));
  }

  public async release(scanId: string, hasQueued: boolean, now: Date): Promise<readonly ScanRequest[]> {
    return (await this.change(slots => releaseSlot(slots, scanId, hasQueued, now))).turn;
  }

  /** Many start and end at the same moment. The loser of a race reads what the winner wrote. */
  private async change<T extends { readonly slots: ScanSlots }>(by: (slots: ScanSlots) => T): Promise<T> {
    for (let tries = 0; tries < Tries.slot; tries++) {
      const { Item } = await this.documents.send(
        new GetCommand({ TableName: this.table, Key: { pk: SLOTS_KEY }, ConsistentRead: true }),
      );
      // what another version of the library wrote may be forgotten if it cannot be read: slots end alone
      const before = ScanSlots.safeParse(Item).data ?? NO_SLOTS;
      const changed = by(before);
      const isUnchanged = JSON.stringify(changed.slots) === JSON.stringify(before);
      if (isUnchanged || (await this.put(changed.slots, Item?.rowVersion))) return changed;
      await sleep(Math.random() * MILLISECONDS.slotRace);
    }
    throw new Error(
      `the row ${SLOTS_KEY} of the register was changed by others ${Tries.slot} times in a row`,
    );
  }

  private async put(slots: ScanSlots, seen: number | undefined): Promise<boolean> {
    const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };
    const isUnchanged = {
      ConditionExpression: 'rowVersion = :seen',
      ExpressionAttributeValues: { ':seen': seen },
    };
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.table,
          Item: { pk: SLOTS_KEY, rowVersion: (seen ?? 0) + 1, ...slots },
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

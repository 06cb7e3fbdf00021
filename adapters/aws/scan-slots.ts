import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { VersionedRow } from './versioned-row';
import type { ScanCapacity } from '../../src/core/register/scan-load';
import {
  capacityOf,
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

/** The scans that are under way and who is next, in one row of the register (rule 4.12, turns). */
export class ScanSlotsRow {
  private readonly row: VersionedRow<ScanSlots>;

  /** @param limits only who starts scans needs to know them */
  constructor(
    table: string,
    private readonly limits = NO_SLOTS.limits,
    client?: DynamoDBClient,
  ) {
    // slots end alone, so what cannot be read may be forgotten
    this.row = new VersionedRow(table, SLOTS_KEY, item => ScanSlots.safeParse(item).data ?? NO_SLOTS, client);
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

  /** How many scans may run at once, and how long one takes. */
  public async capacity(now: Date): Promise<ScanCapacity> {
    const slots = ScanSlots.safeParse(await this.row.load()).data ?? NO_SLOTS;
    return { atOnce: capacityOf(slots, now), scanSeconds: slots.scanSeconds };
  }

  /** Many start and end at the same moment. */
  private change<T extends { readonly slots: ScanSlots }>(by: (slots: ScanSlots) => T): Promise<T> {
    return this.row.change(slots => {
      const changed = by(slots);
      return { ...changed, row: changed.slots };
    });
  }
}

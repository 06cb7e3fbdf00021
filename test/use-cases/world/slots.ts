import type { Interruptions } from './interruptions';
import {
  freeSlot,
  keepSlot,
  NO_SLOTS,
  refuseSlot,
  releaseSlot,
  ScanSlots,
  takeSlot,
  type WantedSlot,
} from '../../../src/core/register/scan-slots';
import type { ScanRequest } from '../../../src/core/scanning/scan-request';

/** The row of the slots: each change is one write, on the condition that nobody else wrote. */
export class MemorySlots {
  public row: ScanSlots = NO_SLOTS;
  public limits = { scans: 10, perRepository: 5 };

  constructor(private readonly interruptions: Interruptions) {}

  public async take(wanted: WantedSlot, now: Date): Promise<string | undefined> {
    return (await this.change('take', row => takeSlot(row, this.limits, wanted, now))).refused;
  }

  public async keep(wanted: WantedSlot, until: string, now: Date): Promise<void> {
    await this.change('keep', row => keepSlot(row, wanted, until, now));
  }

  public async refuse(wanted: WantedSlot, now: Date): Promise<void> {
    await this.change('refuse', row => refuseSlot(row, wanted, now));
  }

  public async free(scanId: string, now: Date): Promise<void> {
    await this.change('free', row => freeSlot(row, scanId, now));
  }

  public async release(scanId: string, hasQueued: boolean, now: Date): Promise<readonly ScanRequest[]> {
    return (await this.change('release', row => releaseSlot(row, scanId, hasQueued, now))).turn;
  }

  public takenAt(now: Date): number {
    return Object.values(this.row.scans).filter(({ until }) => Date.parse(until) > now.getTime()).length;
  }

  private async change<T extends { readonly slots: ScanSlots }>(
    call: string,
    by: (row: ScanSlots) => T,
  ): Promise<T> {
    await this.interruptions.before(`slots.${call}`);
    const changed = by(structuredClone(this.row));
    this.row = ScanSlots.parse(JSON.parse(JSON.stringify(changed.slots)));
    return changed;
  }
}

import { deployedDocument } from './deployed-document';
import { plainText } from '../../src/core/text/plain-text';
import { daysLeft } from '../../src/core/waivers/life';
import { shownWaiver, type ShownWaiver } from '../../src/core/waivers/shown';
import { unusedWaivers, type UsedWaivers } from '../../src/core/waivers/unused';
import type { Waiver, Waivers } from '../../src/core/waivers/waiver';
import { WAIVERS, type EvidenceReader, type Pointer } from '../policy/active-document';

export interface ListedWaiver extends ShownWaiver {
  readonly where: string;
  /** 0 on the last day, less when it has expired. */
  readonly daysLeft: number;
}

/**
 * The waivers that judge now. They need not be those in the file: one that cannot be read is not activated.
 */
export async function activeWaivers(
  pointer: { current(): Promise<Pointer | undefined> },
  evidence: EvidenceReader,
): Promise<Waivers> {
  const current = await pointer.current();
  return current === undefined ? [] : deployedDocument(WAIVERS, current, evidence);
}

/** Those that end within so many days, and those that have expired; the first to end at first. */
export function listExpiring(waivers: Waivers, days: number, now: Date): ListedWaiver[] {
  return waivers
    .map(waiver => listed(waiver, now))
    .filter(each => each.daysLeft <= days)
    .sort((a, b) => a.daysLeft - b.daysLeft);
}

/** Those that cover nothing in any image now. */
export function listUnused(waivers: Waivers, used: UsedWaivers, now: Date): ListedWaiver[] {
  return unusedWaivers(waivers, used).map(waiver => listed(waiver, now));
}

function listed(waiver: Waiver, now: Date): ListedWaiver {
  const where = plainText([...(waiver.repositories ?? []), ...(waiver.digests ?? [])].join(', '), 300);
  return { ...shownWaiver(waiver), where, daysLeft: daysLeft(waiver, now) };
}

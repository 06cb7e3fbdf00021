import { expiringEvent, unusedEvent, type WaiverEvent } from '../../src/core/events/waiver-events';
import { expiringWaivers } from '../../src/core/waivers/life';
import { unusedWaivers, type UsedWaivers } from '../../src/core/waivers/unused';
import { activeDocument, WAIVERS, type EvidenceReader, type Pointer } from '../policy/active-document';

/** What reminding of waivers needs of the world, and no more. */
export interface RemindContext {
  readonly pointer: { current(): Promise<Pointer | undefined> };
  readonly evidence: EvidenceReader;
  readonly events: { publish(event: WaiverEvent): Promise<void> };
  readonly now: Date;
  used(): Promise<UsedWaivers>;
}

/**
 * Once a day: publishes which waivers end soon, and which cover nothing. It looks at the active waivers,
 * which need not be those in the file.
 */
export async function remindOfWaivers({
  pointer,
  evidence,
  events,
  used,
  now,
}: RemindContext): Promise<string> {
  const current = await pointer.current();
  if (current === undefined) return summary(0, 0, 0);
  const read = await activeDocument(WAIVERS, current, evidence);
  if (!read.ok) throw new Error(read.error.message);
  const waivers = read.value;
  const expiring = expiringWaivers(waivers, now);
  for (const { waiver } of expiring) await events.publish(expiringEvent(waiver, now));
  const unused = waivers.length === 0 ? [] : unusedWaivers(waivers, await used());
  if (unused.length > 0) await events.publish(unusedEvent(unused));
  return summary(waivers.length, expiring.length, unused.length);
}

function summary(all: number, expiring: number, unused: number): string {
  return `${all} waivers, ${expiring} end soon, ${unused} cover nothing`;
}

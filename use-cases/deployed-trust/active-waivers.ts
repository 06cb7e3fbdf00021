import { waiversKey } from '../../src/core/evidence/evidence-keys';
import { WAIVER_KEY_CHARACTERS } from '../../src/core/evidence/verdict';
import { Limit } from '../../src/core/limits';
import { plainText } from '../../src/core/text/plain-text';
import { sha256Of } from '../../src/core/text/sha256';
import { UserError } from '../../src/core/user-error';
import { parseWaivers, unusedWaivers } from '../../src/core/waivers/document';
import { daysLeft } from '../../src/core/waivers/life';
import { shownWaiver, type ShownWaiver } from '../../src/core/waivers/shown';
import type { Waiver, Waivers } from '../../src/core/waivers/waiver';

/** Which register judges now, and its bytes. */
export interface WaiverPorts {
  readonly pointer: {
    current(): Promise<{ readonly revision: number; readonly sha256: string } | undefined>;
  };
  readonly evidence: { read(key: string, maxBytes: number): Promise<Uint8Array | undefined> };
}

export interface UsedWaivers {
  readonly keys: ReadonlySet<string>;
  readonly unknownFrom?: string;
}

export interface ListedWaiver extends ShownWaiver {
  readonly where: string;
  /** 0 on the last day, less when it has expired. */
  readonly daysLeft: number;
}

/**
 * The register that judges now, which need not be what lies in the file: one that cannot be read is never put
 * active.
 */
export async function activeWaivers({ pointer, evidence }: WaiverPorts): Promise<Waivers> {
  const current = await pointer.current();
  if (current === undefined) return [];
  const bytes = await evidence.read(waiversKey(current.sha256), Limit.policyBytes);
  if (bytes === undefined || sha256Of(bytes) !== current.sha256) {
    throw new UserError(
      `the waiver list ${current.sha256.slice(0, 12)} is not in the evidence bucket, or is not what its name says: look for who changed the bucket`,
    );
  }
  const waivers = parseWaivers(new TextDecoder().decode(bytes));
  if (!waivers.ok) {
    throw new UserError(
      `the active waiver list cannot be read by this version: ${plainText(waivers.error.join('; '), 300)}`,
    );
  }
  return waivers.value;
}

/** Those that end within so many days, and those that have expired; the first to end at first. */
export function expiring(waivers: Waivers, days: number, now: Date): ListedWaiver[] {
  return waivers
    .map(waiver => listed(waiver, now))
    .filter(each => each.daysLeft <= days)
    .sort((a, b) => a.daysLeft - b.daysLeft);
}

/**
 * Those that cover nothing in any image now. Of some it may not be known: nobody is told to take out what may
 * be needed.
 */
export function unused(waivers: Waivers, { keys, unknownFrom }: UsedWaivers, now: Date): ListedWaiver[] {
  const mayBeUsed = (key: string) => keys.has(key) || (unknownFrom !== undefined && key >= unknownFrom);
  const used = waivers.map(({ key }) => key).filter(key => mayBeUsed(key.slice(0, WAIVER_KEY_CHARACTERS)));
  return unusedWaivers(waivers, used).map(waiver => listed(waiver, now));
}

function listed(waiver: Waiver, now: Date): ListedWaiver {
  const where = plainText([...(waiver.repositories ?? []), ...(waiver.digests ?? [])].join(', '), 300);
  return { ...shownWaiver(waiver), where, daysLeft: daysLeft(waiver, now) };
}

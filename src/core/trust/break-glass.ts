import * as z from 'zod';
import type { Trusted } from './decide';
import { accountOf, Grant, lives, readGrant } from './grant';
import { Reason, type Refused } from './refusal';
import { ImageName } from '../image/image';
import { plainText } from '../text/plain-text';

/** In UTF-16 code units: a message of another account must not fill an event. */
const LONGEST_SAYS = 400;

/** That a gate admitted an image by a grant: recorded before the image is admitted. */
export const GrantUse = z.object({
  grant: Grant,
  image: ImageName,
  /** The ARN of what runs the image. */
  runner: z.string().refine(arn => accountOf(arn) !== undefined),
  at: z.iso.datetime(),
  reason: Reason,
  says: z.string().max(LONGEST_SAYS),
});
export type GrantUse = z.infer<typeof GrantUse>;

/** What a gate needs to admit by a grant. */
export interface BreakGlassPorts {
  /** A strongly consistent read of one row of the table of grants. */
  grant(key: string): Promise<unknown>;
  /** Hands the use to the trust, which publishes it. */
  recordUse(use: GrantUse): Promise<void>;
}

/** The grant that counts, of the rows that were read. */
export function livingGrant(rows: readonly unknown[], now: Date): Grant | undefined {
  return livingGrants(rows, now)[0];
}

export function livingGrants(rows: readonly unknown[], now: Date): Grant[] {
  return rows.flatMap(row => readGrant(row) ?? []).filter(grant => lives(grant, now));
}

/** What is recorded of a use. */
export function useOf(grant: Grant, image: ImageName, runner: string, refused: Refused, now: Date): GrantUse {
  const { reason, says } = refused;
  return { grant, image, runner, at: now.toISOString(), reason, says: plainText(says, LONGEST_SAYS) };
}

/** The decision of a gate after the use was recorded. */
export function admittedByGrant(image: ImageName, grant: Grant): Trusted {
  return { trusted: true, image, validUntil: grant.expiresAt, grant };
}

/** A refusal stays, and says why no grant lifted it. */
export function notLifted(refused: Refused, why: string, error: unknown): Refused {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { ...refused, says: `${refused.says}; ${why} (${plainText(text, 200)})` };
}

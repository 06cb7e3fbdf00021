import * as z from 'zod';
import { accountOf, covers, EVERY_IMAGE, Grant, lives, readGrant } from './grant';
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

export interface GrantReader {
  /** A strongly consistent read of the rows with a key, in any order. */
  grants(key: string): Promise<readonly unknown[]>;
}

/** What a gate needs to admit by a grant. */
export interface BreakGlassPorts extends GrantReader {
  /** The stack of the trust, in which the command line finds it. */
  readonly stack?: string;
  /** Hands the use to the trust, which publishes it. */
  recordUse(use: GrantUse): Promise<void>;
}

export function livingGrants(rows: readonly unknown[], now: Date): Grant[] {
  return rows.flatMap(row => readGrant(row) ?? []).filter(grant => lives(grant, now));
}

/** The grant that counts, of the rows that were read: the narrowest. */
export function livingGrant(
  rows: readonly unknown[],
  image: ImageName,
  runner: string,
  now: Date,
): Grant | undefined {
  return livingGrants(rows, now)
    .filter(grant => covers(grant, image, runner))
    .sort(
      (one, other) => width(one) - width(other) || Date.parse(other.expiresAt) - Date.parse(one.expiresAt),
    )[0];
}

function width({ image, scope }: Grant): number {
  return (image === EVERY_IMAGE ? 2 : 0) + (accountOf(scope) === scope ? 1 : 0);
}

/** What is recorded of a use. */
export function useOf(grant: Grant, image: ImageName, runner: string, refused: Refused, now: Date): GrantUse {
  const { reason, says } = refused;
  return { grant, image, runner, at: now.toISOString(), reason, says: plainText(says, LONGEST_SAYS) };
}

/** A refusal stays, and says why no grant lifted it. */
export function notLifted(refused: Refused, why: string, error: unknown): Refused {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { ...refused, notLifted: `no grant lifts this: ${why} (${plainText(text, 200)})` };
}

import * as z from 'zod';
import { hasExpired } from '../evidence/verdict';
import { ImageName, imageOf } from '../image/image';
import type { BrakeState } from '../register/revocation-brake';
import { ScanSlots } from '../register/scan-slots';
import { Cause } from '../scanning/failed-scan';
import { ATTACHMENT_TAG } from '../scanning/scan-request';
import { Seconds } from '../times';

/** What is read of a row of the register: of thousands, only what checks look at. */
export const KnownImage = z.object({
  pk: ImageName,
  kind: z.enum(['image', 'index', 'attachment']).optional(),
  lease: z.object({ until: z.iso.datetime() }).optional(),
  verdict: z
    .object({
      outcome: z.enum(['PASS', 'FAIL']),
      scannedAt: z.iso.datetime(),
      validUntil: z.iso.datetime(),
      databaseUpdatedAt: z.iso.datetime(),
    })
    .optional(),
  lastFailedScan: z.object({ cause: Cause, at: z.iso.datetime() }).optional(),
  signature: z.object({ at: z.iso.datetime(), withoutTag: z.string().optional() }).optional(),
  children: z.array(z.unknown()).optional(),
  /** The brake holds its revocation. */
  held: z.object({ until: z.string() }).optional(),
});
export type KnownImage = z.infer<typeof KnownImage>;

/** The register: its images by their names, the row of the scans under way, and that of the brake. */
export interface KnownImages {
  readonly images: ReadonlyMap<string, KnownImage>;
  readonly slots: ScanSlots | undefined;
  readonly brake?: BrakeState;
}

/** An image of an enrolled repository, as Amazon ECR lists it. */
export interface ListedImage {
  readonly image: ImageName;
  readonly tags: readonly string[];
  readonly pushedAt: Date;
}

/** What Amazon ECR lists. `left`: there are more images than were listed. */
export interface Listing {
  readonly repositories: number;
  readonly images: readonly ListedImage[];
  readonly left: boolean;
}

/**
 * `unheard`: the register has nothing, although the event of the push must have come by now. `scanning`: its
 * event, its scan or the images of its index are on their way. `expired`: gates refuse it until its renewal
 * ends, so it is that also while a scan is under way.
 */
export type ImageState = 'attachment' | 'judged' | 'expired' | 'scanning' | 'failed' | 'unheard';

export function stateOf(
  { tags, pushedAt }: ListedImage,
  known: KnownImage | undefined,
  now: Date,
): ImageState {
  // one such tag beside others must not hide an image
  const isAttached = tags.length > 0 && tags.every(tag => ATTACHMENT_TAG.test(tag));
  if (known?.kind === 'attachment' || isAttached) return 'attachment';
  if (known?.verdict !== undefined) return hasExpired(known.verdict, now) ? 'expired' : 'judged';
  if (known?.lease !== undefined && Date.parse(known.lease.until) > now.getTime()) return 'scanning';
  if (known?.lastFailedScan !== undefined) return 'failed';
  if (known?.children !== undefined) return 'scanning';
  return now.getTime() - pushedAt.getTime() < Seconds.eventSettled * 1000 ? 'scanning' : 'unheard';
}

/** `team/app@sha256:0123456789ab` */
export function shortName(image: ImageName): string {
  const { repository, digest } = imageOf(image);
  return `${repository}@${digest.slice(0, 19)}`;
}

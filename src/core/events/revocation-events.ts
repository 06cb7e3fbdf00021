import * as z from 'zod';
import { subject, Subject } from './image-events';
import { ScanId } from '../ids';
import { Digest } from '../image/image';
import { Limit } from '../limits';
import type { RegisterRow } from '../register/row';

/** What follows a FAIL of a trusted or any other image, each published by the construct that does it. */
export const RevocationDetailType = {
  located: 'Revoked Image Located',
  withdrawn: 'Image Signatures Withdrawn',
  archived: 'Image Archived',
  restored: 'Image Restored',
} as const;
export type RevocationDetailType = (typeof RevocationDetailType)[keyof typeof RevocationDetailType];

/** What runs an image, or would start it by itself. */
export const RunningPlace = z.object({
  kind: z.enum(['ECS_SERVICE', 'ECS_TASK', 'LAMBDA_FUNCTION']),
  arn: z.string(),
  /**
   * How it is known. `REPORTED`: the service says which digest it pulled. `NAMED`: its definition names the
   * digest. `TAG`: it names only a tag of the repository, so it may run another image.
   */
  by: z.enum(['REPORTED', 'NAMED', 'TAG']),
});
export type RunningPlace = z.infer<typeof RunningPlace>;

/** Where a revoked image runs: in Amazon ECS and AWS Lambda of the account and region of the trust. */
export const RevokedLocatedDetail = Subject.extend({
  /** The FAIL that revoked it. */
  verdictId: ScanId,
  /** At most 50. */
  places: z.array(RunningPlace),
  placeCount: z.number().int(),
  /** What could not be looked up, as sentences; at most 20. Empty places mean "nowhere" only without any. */
  unknown: z.array(z.string()),
  unknownCount: z.number().int(),
});

const Kept = z.object({
  /** A tag or a digest of the repository, `bundles of <digest>`, or the ARN of a key. */
  name: z.string(),
  /** Of the manifest that stays, where it is known. */
  digest: Digest.optional(),
  why: z.string(),
});
export type Kept = z.infer<typeof Kept>;

/** The signatures of a revoked image were taken out of the registry. */
export const SignaturesWithdrawnDetail = Subject.extend({
  /** The FAIL that revoked it. */
  verdictId: ScanId,
  /** Digests of the manifests that were deleted now, at most 200. Empty if none was there any more. */
  removed: z.array(Digest),
  removedCount: z.number().int(),
  /** What has a signature of this trust, or may have one, and was not deleted; at most 50. */
  kept: z.array(Kept),
  keptCount: z.number().int(),
});

/** A refused image was archived in the registry: pulls get 404. */
export const ImageArchivedDetail = Subject.extend({
  /** The FAIL that holds now. */
  verdictId: ScanId,
  /** When the first FAIL since its last PASS was made. */
  refusedSince: z.iso.datetime(),
});

/** An archived image passes, or has to be scanned again: Amazon ECR restores it, within 20 minutes. */
export const ImageRestoredDetail = Subject.extend({
  /** The verdict that holds now. */
  verdictId: ScanId,
});

export interface LocatedEvent {
  readonly detailType: typeof RevocationDetailType.located;
  readonly detail: z.infer<typeof RevokedLocatedDetail>;
}

export interface WithdrawnEvent {
  readonly detailType: typeof RevocationDetailType.withdrawn;
  readonly detail: z.infer<typeof SignaturesWithdrawnDetail>;
}

export interface ArchivedEvent {
  readonly detailType: typeof RevocationDetailType.archived;
  readonly detail: z.infer<typeof ImageArchivedDetail>;
}

export interface RestoredEvent {
  readonly detailType: typeof RevocationDetailType.restored;
  readonly detail: z.infer<typeof ImageRestoredDetail>;
}

export type RevocationEvent = LocatedEvent | WithdrawnEvent | ArchivedEvent | RestoredEvent;

export function locatedEvent(
  { pk, tags }: Pick<RegisterRow, 'pk' | 'tags'>,
  verdictId: string,
  places: readonly RunningPlace[],
  unknown: readonly string[],
): LocatedEvent {
  return {
    detailType: RevocationDetailType.located,
    detail: {
      ...subject(pk, tags),
      verdictId,
      places: places.slice(0, Limit.eventPlaces),
      placeCount: places.length,
      unknown: unknown.slice(0, Limit.eventUnknown),
      unknownCount: unknown.length,
    },
  };
}

export function withdrawnEvent(
  { pk, tags }: Pick<RegisterRow, 'pk' | 'tags'>,
  verdictId: string,
  removed: readonly string[],
  kept: readonly Kept[],
): WithdrawnEvent {
  return {
    detailType: RevocationDetailType.withdrawn,
    detail: {
      ...subject(pk, tags),
      verdictId,
      removed: removed.slice(0, Limit.eventRemoved),
      removedCount: removed.length,
      kept: kept.slice(0, Limit.eventKept),
      keptCount: kept.length,
    },
  };
}

export function archivedEvent(
  { pk, tags }: Pick<RegisterRow, 'pk' | 'tags'>,
  verdictId: string,
  refusedSince: string,
): ArchivedEvent {
  return {
    detailType: RevocationDetailType.archived,
    detail: { ...subject(pk, tags), verdictId, refusedSince },
  };
}

export function restoredEvent(
  { pk, tags }: Pick<RegisterRow, 'pk' | 'tags'>,
  verdictId: string,
): RestoredEvent {
  return { detailType: RevocationDetailType.restored, detail: { ...subject(pk, tags), verdictId } };
}

import * as z from 'zod';
import { subject, Subject } from './image-events';
import { ScanId } from '../ids';
import { Digest } from '../image/image';
import type { RegisterRow } from '../register/row';

/** What follows a revocation, each published by the construct that does it. */
export const RevocationDetailType = {
  withdrawn: 'Image Signatures Withdrawn',
} as const;
export type RevocationDetailType = (typeof RevocationDetailType)[keyof typeof RevocationDetailType];

const Kept = z.object({
  /** A tag, or a digest, of the repository. */
  name: z.string(),
  why: z.string(),
});
export type Kept = z.infer<typeof Kept>;

/** The signatures of a revoked image were taken out of the registry. */
export const SignaturesWithdrawnDetail = Subject.extend({
  /** The FAIL that revoked it. */
  verdictId: ScanId,
  /** Digests of the manifests that were deleted now. Empty if none was there any more. */
  removed: z.array(Digest),
  /** What has a signature of this trust, or may have one, and was not deleted. */
  kept: z.array(Kept),
});

export interface RevocationEvent {
  readonly detailType: typeof RevocationDetailType.withdrawn;
  readonly detail: z.infer<typeof SignaturesWithdrawnDetail>;
}

export function withdrawnEvent(
  { pk, tags }: Pick<RegisterRow, 'pk' | 'tags'>,
  verdictId: string,
  removed: readonly string[],
  kept: readonly Kept[],
): RevocationEvent {
  return {
    detailType: RevocationDetailType.withdrawn,
    detail: { ...subject(pk, tags), verdictId, removed: [...removed], kept: [...kept] },
  };
}

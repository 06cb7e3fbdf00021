import * as z from 'zod';
import { Image } from '../image/image';

/** Compare all enrolled repositories with the register, now. */
export const SweepMessage = z.object({ sweep: z.literal('all') });
export type SweepMessage = z.infer<typeof SweepMessage>;
export const SWEEP: SweepMessage = { sweep: 'all' };

/** Compare one repository with the register. */
export const RepositoryMessage = Image.omit({ digest: true }).extend({
  /** Only its images in the register. */
  rowsOnly: z.literal(true).optional(),
  /** It was compared because of a new policy: the schedule counts its images, once an hour. */
  uncounted: z.literal(true).optional(),
});
export type RepositoryMessage = z.infer<typeof RepositoryMessage>;

export const ReconcileMessage = z.union([SweepMessage, RepositoryMessage]);

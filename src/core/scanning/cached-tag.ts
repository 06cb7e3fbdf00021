import * as z from 'zod';

/** An image in a pull-through cache of Amazon ECR, by the tag that it has upstream. */
export const CachedTag = z.object({ repository: z.string(), tag: z.string() });
export type CachedTag = z.infer<typeof CachedTag>;

import * as z from 'zod';

/**
 * The keys that a gate accepts, as the template lists them: by ARN, which always names the same key pair.
 */
export const PinnedKeys = z
  .array(
    z.object({
      arn: z
        .string()
        .regex(
          /^arn:[a-z-]+:kms:[^:]*:\d{12}:key\//,
          'not the ARN of a key: an alias can be moved to another key',
        ),
      acceptedUntil: z.iso.datetime().optional(),
    }),
  )
  .min(1);
export type PinnedKeys = z.infer<typeof PinnedKeys>;

import * as z from 'zod';

/**
 * Which keys a gate believes, as the template tells it: by ARN, which always names one and the same key pair.
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

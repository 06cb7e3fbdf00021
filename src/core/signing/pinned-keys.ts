import * as z from 'zod';
import { quoted } from '../text/plain-text';

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

/** Throws for a document that names no keys clearly: a gate that guesses would believe the wrong one. */
export function readPinnedKeys(document: string): PinnedKeys {
  try {
    return PinnedKeys.parse(JSON.parse(document));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? error.issues.map(({ message }) => message).join('; ') : 'no JSON';
    throw new Error(
      `the pinned keys cannot be read (${why}; given ${quoted(document, 200)}), allowed: a list of {"arn": "arn:<partition>:kms:<region>:<account>:key/<id>"}`,
    );
  }
}

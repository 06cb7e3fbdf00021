import * as z from 'zod';
import type { SignedImage } from './classic-signature';
import { openEnvelope, PayloadType } from './dsse';
import { SIGN_V1 } from './statement';
import type { VerificationKey } from './verification-key';
import { imageOf } from '../image/image';

/**
 * Whether one of the keys signed this envelope for exactly this image in exactly this repository, as a
 * signature or as an attestation. Neither tags nor annotations are asked: whoever may push chooses them.
 */
export function isWrittenFor(
  envelope: unknown,
  { image, repository }: SignedImage,
  keys: readonly VerificationKey[],
): boolean {
  const opened = openEnvelope(envelope, PayloadType.inToto, keys);
  if (!opened.ok) return false;
  const digest = z.object({ sha256: z.literal(imageOf(image).digest.slice('sha256:'.length)) });
  const annotations = z.object({ image: z.literal(image), repository: z.literal(repository) });
  const Statement = z.union([
    z.object({
      predicateType: z.literal(SIGN_V1),
      subject: z.tuple([z.object({ digest, annotations })]),
    }),
    z.object({
      predicateType: z.string().refine(type => type !== SIGN_V1),
      subject: z.tuple([z.object({ digest, name: z.literal(repository) })]),
    }),
  ]);
  return Statement.safeParse(opened.value.statement).success;
}

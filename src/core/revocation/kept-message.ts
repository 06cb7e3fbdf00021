import type { AlertMessage } from '../alerts/message';
import type { Kept } from '../events/revocation-events';
import { imageOf, type ImageName } from '../image/image';
import { plainText, subjectText } from '../text/plain-text';

const LISTED = 20;

/** The alert about a revoked image of which signatures stay in the registry. */
export function keptMessage(image: ImageName, kept: readonly Kept[]): AlertMessage {
  const { repository, digest } = imageOf(image);
  const title = plainText(`revoked, and signatures stay: ${repository}@${digest.slice(0, 19)}`, 200);
  return {
    subject: subjectText(title),
    title,
    lines: [
      `image: ${image}`,
      'gates that ask the register refuse it; cosign still accepts what stays:',
      ...kept.slice(0, LISTED).map(({ name, why }) => `- ${name}: ${why}`),
    ],
    nextSteps: [
      'look at each of them, and delete it if nobody needs the rest: aws ecr batch-delete-image',
      'take push rights from whoever put something there that does not belong there',
    ],
  };
}

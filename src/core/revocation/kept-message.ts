import type { AlertMessage } from '../alerts/message';
import type { Kept } from '../events/revocation-events';
import { imageOf, type ImageName } from '../image/image';
import { plainText, subjectText } from '../text/plain-text';

const LISTED = 20;
const BUNDLES = 'bundles of';

/** The name of what refers to an image and was not looked at. Never the digest alone: that is the image. */
export function bundlesOf(digest: string): string {
  return `${BUNDLES} ${digest}`;
}

/** The alert about a revoked image of which signatures stay in the registry, or may stay. */
export function keptMessage(image: ImageName, kept: readonly Kept[]): AlertMessage {
  const { repository, digest } = imageOf(image);
  const title = plainText(`revoked, and signatures may stay: ${repository}@${digest.slice(0, 19)}`, 200);
  const more = kept.length - LISTED;
  return {
    subject: subjectText(title),
    title,
    lines: [
      `image: ${image}`,
      'gates that ask the register refuse it; cosign accepts it if one of these holds a signature:',
      ...kept.slice(0, LISTED).map(lineOf),
      ...(more > 0 ? [`- and ${more} more`] : []),
    ],
    nextSteps: [
      ...(kept.some(each => each.digest !== undefined)
        ? [
            `look at each that has a digest, and delete it if nobody needs the rest: aws ecr batch-delete-image --repository-name ${repository} --image-ids imageDigest=<its digest>`,
          ]
        : []),
      ...(kept.some(({ name }) => name.startsWith(BUNDLES))
        ? [
            `list what refers to the image, and delete the bundles among it, not the image: aws ecr list-image-referrers --repository-name ${repository} --subject-id imageDigest=${digest}`,
          ]
        : []),
      'if a key could not be read, or was taken out of formerKeys, look for what it signed: cosign verify with its public key',
      'take push rights from whoever put something there that does not belong there',
    ],
  };
}

function lineOf({ name, digest, why }: Kept): string {
  return digest === undefined || digest === name ? `- ${name}: ${why}` : `- ${name} (${digest}): ${why}`;
}

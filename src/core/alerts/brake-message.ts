import type { AlertMessage } from './message';
import type { BrakeEvent } from '../events/brake-events';
import type { ImageRevocationHeldDetail } from '../events/image-events';
import { plainText, subjectText } from '../text/plain-text';

/** The message about the first revocation that a pull of the brake holds. The others have no message each. */
export function heldMessage({
  image,
  until,
  pulledAt,
  because,
  worst,
}: ImageRevocationHeldDetail): AlertMessage {
  const title = 'the brake holds revocations: gates admit images that do not pass';
  return {
    subject: subjectText(title),
    title,
    lines: [
      `since ${pulledAt}: ${because}`,
      `the first: ${image}, which gates admit until ${until}`,
      ...worst.map(each => `- ${plainText(each, 300)}`),
      'each image that fails has a message of its own; "cdk-trusted-images brake status" lists those that are held',
    ],
    nextSteps: [
      'if a policy, a Rego file or a database is wrong: fix it, and what passes then is trusted again',
      'if the images are bad: cdk-trusted-images brake release revokes them now',
    ],
  };
}

/** The message about a release: people must know of each. */
export function releasedMessage({ detail }: BrakeEvent): AlertMessage {
  const title = 'the brake was released: held revocations go through';
  return {
    subject: subjectText(title),
    title,
    lines: [
      `released by: ${detail.releasedBy}`,
      `justification: ${detail.justification}`,
      `ticket: ${detail.ticket}`,
      `pulled at ${detail.pulledAt}, released at ${detail.releasedAt}`,
      `nothing is held until ${detail.until}`,
      `release: ${detail.releaseId}`,
    ],
    nextSteps: ['deploy trusted images in place of those that are revoked: what runs already goes on'],
  };
}

import type { AlertMessage } from './message';
import type { BrakeEvent } from '../events/brake-events';
import type { HoldEndedDetail } from '../events/hold-events';
import type { ImageRevocationHeldDetail } from '../events/image-events';
import { nameText, subjectText } from '../text/plain-text';

const HELD_STEPS = [
  'if a policy, a Rego file or a database is wrong: fix it, and what passes then is trusted again',
  'if the images are bad: cdk-trusted-images brake release revokes them now',
] as const;

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
      ...worst.map(each => `- ${nameText(each, 300)}`),
      'each image that fails has a message of its own; "cdk-trusted-images brake status" lists those that are held',
    ],
    nextSteps: HELD_STEPS,
  };
}

/** About one of the images that are held. */
export function heldImageMessage(detail: ImageRevocationHeldDetail): Omit<AlertMessage, 'subject'> {
  const { repository, digest, image, until, pulledAt, because, worst } = detail;
  return {
    title: `the brake holds a revocation: gates admit ${repository}@${digest.slice(0, 19)}, which does not pass`,
    lines: [
      `image: ${image}`,
      `gates admit it until ${until}`,
      `the brake was pulled at ${pulledAt}: ${because}`,
      ...worst.map(each => `- ${nameText(each, 300)}`),
    ],
    nextSteps: HELD_STEPS,
  };
}

/** About the same image, as soon as nothing is held any more. */
export function holdEndedMessage(detail: HoldEndedDetail): Omit<AlertMessage, 'subject'> {
  const { repository, digest, image, pulledAt, endedAt, outcome } = detail;
  const how = outcome === 'PASS' ? 'it passes again' : 'it is revoked';
  return {
    title: `the brake does not hold ${repository}@${digest.slice(0, 19)} any more: ${how}`,
    lines: [`image: ${image}`, `the brake was pulled at ${pulledAt}`, `ended at ${endedAt}: ${how}`],
    nextSteps:
      outcome === 'PASS' ? ['nothing'] : ['deploy a trusted image in its place: what runs already goes on'],
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

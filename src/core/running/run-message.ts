import type { GrantedRun } from './run-by-grant';
import type { Sighting, Unread } from './sighting';
import type { AlertMessage } from '../alerts/message';
import { nameText, plainText, subjectText } from '../text/plain-text';
import type { Refused } from '../trust/refusal';

/** How many images, and findings of each, a message names. */
const LISTED = 5;

const STOPS_NOTHING =
  'this is told after the call: nothing was stopped, and what runs goes on until somebody stops it';

/** The alert about what runs, or will run, without trust: who, what, where, why, and how to fix it. */
export function untrustedRunMessage(sighting: Sighting, images: readonly Refused[]): AlertMessage {
  const reasons = [...new Set(images.map(({ reason }) => reason))].join(', ');
  return runMessage(sighting, `runs without trust: ${sighting.what} (${reasons})`, {
    images: images.map(({ says, notLifted, worst }) => [
      `- ${says}`,
      ...(notLifted === undefined ? [] : [`  ${notLifted}`]),
      ...worst.slice(0, LISTED).map(each => `  - ${nameText(each, 300)}`),
    ]),
    nextSteps: images.slice(0, LISTED).map(({ remedy }) => remedy),
  });
}

/** The message about what is not trusted, and runs by a break-glass grant. */
export function grantedRunMessage(sighting: Sighting, images: readonly GrantedRun[]): AlertMessage {
  return runMessage(sighting, `runs by a break-glass grant: ${sighting.what}`, {
    images: images.map(({ refused, grant: { grantId, grantedBy, ticket, expiresAt } }) => [
      `- ${refused.says}; it may until ${expiresAt} by the grant ${grantId} of ${grantedBy}, ticket ${ticket}`,
    ]),
    nextSteps: ['deploy a trusted image before the grant ends: its end stops nothing that runs'],
  });
}

function runMessage(
  { way, what, arn, place, at, who }: Sighting,
  headline: string,
  { images, nextSteps }: { readonly images: readonly string[][]; readonly nextSteps: readonly string[] },
): AlertMessage {
  const title = plainText(headline, 200);
  const rest = images.length - LISTED;
  return {
    subject: subjectText(title),
    title,
    lines: [
      `what: ${what} (${arn})`,
      `where: ${place.account}.${place.region}`,
      `who: ${who ?? 'not in this event; CloudTrail has the call'}`,
      `how: ${way}, at ${at}`,
      ...images.slice(0, LISTED).flat(),
      ...(rest > 0 ? [`- and ${rest} more images`] : []),
      STOPS_NOTHING,
    ],
    nextSteps: [...new Set(nextSteps)],
  };
}

/** The alert about an event that could not be read. */
export function unreadMessage({ way, why, place, at, who, eventId }: Unread): AlertMessage {
  const title = plainText(`could not be read: ${way}`, 200);
  return {
    subject: subjectText(title),
    title,
    lines: [
      'it is not known what this runs, or whether that is trusted',
      `why: ${why}`,
      ...(place === undefined ? [] : [`where: ${place.account}.${place.region}`]),
      `who: ${who ?? 'not known'}`,
      ...(at === undefined ? [] : [`when: ${at}`]),
      ...(eventId === undefined ? [] : [`event: ${eventId}`]),
    ],
    nextSteps: [
      'look the call up in CloudTrail and check by hand what it runs; then report the shape of the event to the library',
    ],
  };
}

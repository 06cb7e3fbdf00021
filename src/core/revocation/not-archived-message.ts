import type { AlertMessage } from '../alerts/message';
import type { ImageName } from '../image/image';
import { plainText, subjectText } from '../text/plain-text';

const LISTED = 20;

/** A refused image that stays where it can be pulled, or what failed after it was archived. */
export interface NotArchived {
  readonly image: ImageName;
  readonly why: string;
}

/** The alert about refused images that are not archived. */
export function notArchivedMessage(images: readonly NotArchived[]): AlertMessage {
  const title = `${images.length} refused image${images.length === 1 ? '' : 's'} can still be pulled`;
  return {
    subject: subjectText(title),
    title,
    lines: ['they were to be archived, and are not:', ...listed(images)],
    nextSteps: [
      'deploy a digest that is trusted where they run: the next daily run archives them',
      'deregister revisions of task and job definitions that nobody starts any more',
      'if a lookup failed, fix what kept it back',
    ],
  };
}

/** The alert about refused images that are archived, and of which nobody was told. */
export function untoldMessage(images: readonly NotArchived[]): AlertMessage {
  const title = `${images.length} refused image${images.length === 1 ? ' is' : 's are'} archived, and no event says so`;
  return {
    subject: subjectText(title),
    title,
    lines: ['they cannot be pulled any more, and what was to follow failed:', ...listed(images)],
    nextSteps: [
      'fix what kept it back',
      'tell whoever follows the event Image Archived: it is not sent again',
      'an image that passes meanwhile is restored by the next daily run',
    ],
  };
}

/** The same reasons are told once: a later pull is no other reason. */
export function reasonsOf(images: readonly NotArchived[]): string {
  return images
    .map(({ image, why }) => `${image} ${why.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')}`)
    .sort()
    .join('\n');
}

function listed(images: readonly NotArchived[]): string[] {
  const rest = images.length - LISTED;
  return [
    ...images.slice(0, LISTED).map(({ image, why }) => `- ${image}: ${plainText(why, 500)}`),
    ...(rest > 0 ? [`and ${rest} more, in the log`] : []),
  ];
}

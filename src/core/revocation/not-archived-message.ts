import type { AlertMessage } from '../alerts/message';
import type { ImageName } from '../image/image';
import { plainText, subjectText } from '../text/plain-text';

const LISTED = 20;

/** A refused image that stays where it can be pulled. */
export interface NotArchived {
  readonly image: ImageName;
  readonly why: string;
}

/** The alert about refused images that are not archived. */
export function notArchivedMessage(images: readonly NotArchived[]): AlertMessage {
  const title = `${images.length} refused image${images.length === 1 ? '' : 's'} can still be pulled`;
  const rest = images.length - LISTED;
  return {
    subject: subjectText(title),
    title,
    lines: [
      'they were to be archived, and are not:',
      ...images.slice(0, LISTED).map(({ image, why }) => `- ${image}: ${plainText(why, 300)}`),
      ...(rest > 0 ? [`and ${rest} more, in the log`] : []),
    ],
    nextSteps: [
      'deploy a digest that is trusted where they run: the next daily run archives them',
      'if a lookup failed, fix what kept it back',
    ],
  };
}

import type { AlertMessage } from './message';
import { WaiverDetailType, type WaiverEvent } from '../events/waiver-events';
import { plainText, subjectText } from '../text/plain-text';

/** A message that the team can act on, or undefined if no action is needed. */
export function waiverMessage(event: WaiverEvent): AlertMessage | undefined {
  switch (event.detailType) {
    case WaiverDetailType.expiring: {
      const {
        waiver: { what, where, owner, reason, ticket, expires },
        daysLeft,
      } = event.detail;
      const title = plainText(`waiver expires in ${daysLeft} day${daysLeft === 1 ? '' : 's'}: ${what}`, 200);
      return {
        subject: subjectText(title),
        title,
        lines: [
          `where: ${where}`,
          `owner: ${owner}`,
          `reason: ${reason}`,
          ...(ticket === undefined ? [] : [`ticket: ${ticket}`]),
          `it holds until the end of ${expires} (UTC); after that, what it covers is refused`,
        ],
        nextSteps: ['fix what it covers, or assess the risk again and extend it'],
      };
    }
    case WaiverDetailType.rejected: {
      const { location, problems, problemCount } = event.detail;
      const rest = problemCount - problems.length;
      const title = `the waiver file cannot be read: ${problemCount} problem${problemCount === 1 ? '' : 's'}`;
      return {
        subject: subjectText(title),
        title,
        lines: [
          `file: ${location}`,
          'the previous waivers still count, until each of them expires',
          ...problems.map(problem => `- ${problem}`),
          ...(rest > 0 ? [`- and ${rest} more`] : []),
        ],
        nextSteps: ['fix the named lines, and upload the file again'],
      };
    }
    case WaiverDetailType.unused:
      return undefined; // they change no verdict
  }
}

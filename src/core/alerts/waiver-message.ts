import type { AlertMessage } from './message';
import { WaiverDetailType, type WaiverEvent } from '../events/waiver-events';
import { plainText, subjectText } from '../text/plain-text';

/** A message that a person can act on, or undefined where nobody must. */
export function waiverMessage(event: WaiverEvent): AlertMessage | undefined {
  switch (event.detailType) {
    case WaiverDetailType.expiring: {
      const {
        waiver: { what, where, owner, reason, ticket, expires },
        daysLeft,
      } = event.detail;
      const title = plainText(`waiver ends in ${daysLeft} day${daysLeft === 1 ? '' : 's'}: ${what}`, 200);
      return {
        subject: subjectText(title),
        title,
        lines: [
          `where: ${where}`,
          `owner: ${owner}`,
          `reason: ${reason}`,
          ...(ticket === undefined ? [] : [`ticket: ${ticket}`]),
          `it holds until the end of ${expires} (UTC); what it covers is refused after that`,
        ],
        nextSteps: ['fix what it covers, or assess the risk again and prolong it'],
      };
    }
    case WaiverDetailType.rejected: {
      const { location, problems, problemCount } = event.detail;
      const rest = problemCount - problems.length;
      const title = `the waiver list cannot be read: ${problemCount} problem${problemCount === 1 ? '' : 's'}`;
      return {
        subject: subjectText(title),
        title,
        lines: [
          `file: ${location}`,
          'the waivers of before still count, until each of them ends',
          ...problems.map(problem => `- ${problem}`),
          ...(rest > 0 ? [`- and ${rest} more`] : []),
        ],
        nextSteps: ['fix the lines that are named, and put the file there again'],
      };
    }
    case WaiverDetailType.unused:
      return undefined; // nothing is refused or let through by them
  }
}

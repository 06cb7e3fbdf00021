import type { AlertMessage } from './message';
import { GrantDetailType, type GrantEvent } from '../events/grant-events';
import { plainText, subjectText } from '../text/plain-text';
import { EVERY_IMAGE } from '../trust/grant';

/** The message about a grant, a use or an end: people must know of each. */
export function grantMessage({ detailType, detail }: GrantEvent): AlertMessage {
  const what = detail.granted === EVERY_IMAGE ? 'every image' : detail.granted;
  const title = plainText(titleOf(detailType, what), 200);
  const isEmergencyOff = detail.granted === EVERY_IMAGE;
  const ended = { endedAt: undefined, endedBy: undefined, ...detail };
  return {
    subject: subjectText(title),
    title,
    lines: [
      ...('image' in detail ? [`image: ${detail.image}`, `run by: ${detail.runner}`] : []),
      ...('says' in detail ? [`without the grant: ${detail.says}`] : []),
      `granted: ${what}, where ${detail.scope} runs it`,
      `granted by: ${detail.grantedBy}`,
      `justification: ${detail.justification}`,
      `ticket: ${detail.ticket}`,
      `from ${detail.grantedAt} until ${detail.expiresAt}`,
      ...(detailType === GrantDetailType.ended
        ? [
            `ended: ${ended.endedAt}${ended.endedBy === undefined ? ', its time was over' : ` by ${ended.endedBy}`}`,
          ]
        : []),
      `grant: ${detail.grantId}`,
    ],
    nextSteps: [nextStep(detailType, isEmergencyOff)],
  };
}

function titleOf(detailType: GrantEvent['detailType'], what: string): string {
  switch (detailType) {
    case GrantDetailType.granted:
      return `break-glass: ${what} may run without trust`;
    case GrantDetailType.used:
      return `break-glass was used: an image runs without trust (${what} may)`;
    case GrantDetailType.ended:
      return `break-glass has ended: ${what}`;
  }
}

function nextStep(detailType: GrantEvent['detailType'], isEmergencyOff: boolean): string {
  if (detailType === GrantDetailType.ended) {
    return 'deploy a trusted image where an untrusted one still runs: the end of a grant stops nothing that runs';
  }
  return `if you do not know of this, end it: cdk-trusted-images break-glass end; then ask the named caller${isEmergencyOff ? '. Until its end no gate of that scope refuses anything' : ''}`;
}

import { waysOut } from './gate-answer';
import type { Refusal } from './looked-at';
import { findings, locations, notLifted } from './refusal-message';
import type { AlertMessage } from '../alerts/message';
import { nameText, plainText, subjectText } from '../text/plain-text';

const SAYS_CHARACTERS = 600;

export interface GateEvent {
  readonly outcome: 'refused' | 'deployed without trust';
  /** What would run, or runs. */
  readonly subject: string;
  readonly why: string;
  readonly refusals: readonly Refusal[];
}

/** What the team is told, where the service shows no reason or goes on in spite of it. */
export function gateAlert(
  { outcome, subject, why, refusals }: GateEvent,
  evidenceBucket: string,
): AlertMessage {
  const reasons = [...new Set(refusals.map(({ refused }) => refused.reason))].join(', ');
  const title = plainText(`${outcome}: ${subject} (${reasons})`, 200);
  return {
    subject: subjectText(title),
    title,
    lines: [
      why,
      ...refusals.flatMap(each => linesOf(each, evidenceBucket)),
      ...(outcome === 'refused' ? waysOut(refusals) : []),
    ],
    nextSteps: [...new Set(refusals.map(({ refused: { remedy } }) => remedy))],
  };
}

function linesOf({ of, refused, row }: Refusal, evidenceBucket: string): string[] {
  return [
    `${plainText(of, 300)}: ${nameText(refused.says, SAYS_CHARACTERS)}`,
    ...notLifted(refused),
    ...findings(refused),
    ...locations(row, evidenceBucket),
  ];
}

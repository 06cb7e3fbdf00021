import type { ImageToRun } from './image-to-run';
import { refusalMessage } from './refusal-message';
import type { AlertMessage } from '../alerts/message';
import type { RegisterRow } from '../register/row';
import { plainText, subjectText } from '../text/plain-text';
import type { Refused } from '../trust/refusal';

/** One image that may not run. */
export interface Refusal {
  readonly of: ImageToRun['of'];
  readonly refused: Refused;
  readonly row?: RegisterRow;
}

/** What the gates of services decide: Amazon ECS, CloudFormation and CodePipeline. */
export type GateDecision =
  | { readonly step: 'admit'; readonly says: string; readonly anyway?: undefined }
  /** Not trusted, and yet it goes on. */
  | { readonly step: 'admit'; readonly says: string; readonly anyway: 'AUDIT' | 'ROLLBACK' }
  | { readonly step: 'look again'; readonly says: string }
  | { readonly step: 'refuse'; readonly says: string };

/** Whether a refusal may be over within minutes: all of them have to be. */
export function mayEndSoon(refusals: readonly Refusal[]): boolean {
  return refusals.every(({ refused: { reason }, row }) => {
    switch (reason) {
      case 'LOOKUP_FAILED': // a service throttles
      case 'NO_STATEMENT': // the signer is not finished
        return true;
      case 'NO_VERDICT':
        return row?.lease !== undefined; // its scan is under way
      default:
        return false;
    }
  });
}

/**
 * Whether a rollback may bring the image back: its row says that it was trusted once. A gate in a service
 * does not remember what ran before, and a template can name any image (0040). The reason proves nothing: an
 * audit lets everything through, and a PASS may expire unsigned. What could not be looked up has no row.
 */
export function mayComeBack({ refused: { reason }, row }: Refusal): boolean {
  return row?.wasTrusted === true && reason !== 'OTHER_IMAGE';
}

/** What a service shows at most: CloudFormation cuts a longer message, and Cloud Control after 1,024. */
export const SHOWN_CHARACTERS = 4096;
export const CLOUD_CONTROL_CHARACTERS = 1024;
/** For how many are not shown. */
const MORE_CHARACTERS = 100;

/** Every refused image with its findings, in the words of every gate. */
export function refusalText(refusals: readonly Refusal[], evidenceBucket: string): string {
  return refusals.map(each => textOf(each, evidenceBucket)).join('\n');
}

/** For each image that a grant can let through, the command. */
export function waysOut(refusals: readonly Refusal[]): string[] {
  return [...new Set(refusals.flatMap(({ refused: { wayOut } }) => wayOut ?? []))];
}

/**
 * A text for a service, with as many ways out as it shows beside it: nothing else is cut for one, and none is
 * cut in two.
 */
export function withWaysOut(text: string, ways: readonly string[], characters: number): string {
  let shown = text;
  for (const way of ways) {
    if (shown.length + 1 + way.length <= characters) shown += `\n${way}`;
  }
  return shown;
}

/** Refusals for a service, which shows so many characters: whole ones, and how many more there are. */
export function shownText(refusals: readonly Refusal[], evidenceBucket: string): string {
  const all = refusalText(refusals, evidenceBucket);
  if (all.length <= SHOWN_CHARACTERS) return all;
  const shown: string[] = [];
  let room = SHOWN_CHARACTERS - MORE_CHARACTERS;
  for (const each of refusals) {
    const text = textOf(each, evidenceBucket);
    if (text.length > room) break;
    shown.push(text);
    room -= text.length + 1;
  }
  const more = refusals.length - shown.length;
  return [...shown, `${more} more images are refused: the log of the gate names all ${refusals.length}`].join(
    '\n',
  );
}

function textOf({ of, refused, row }: Refusal, evidenceBucket: string): string {
  return `${of}: ${refusalMessage(refused, row, evidenceBucket)}`;
}

const FIX = 'To fix: ';

/** What the team is told, where the service shows no reason or goes on in spite of it. */
export function gateAlert(title: string, why: string, refusals: string): AlertMessage {
  const lines = refusals.split('\n');
  const plain = plainText(title, 200);
  return {
    subject: subjectText(plain),
    title: plain,
    lines: [why, ...lines.filter(line => !line.startsWith(FIX))],
    nextSteps: [...new Set(lines.filter(line => line.startsWith(FIX)).map(line => line.slice(FIX.length)))],
  };
}

import { whyAllMayRun, type Refusal } from './looked-at';
import type { AdmittedAnyway, Decided } from './next-step';
import { refusalMessage } from './refusal-message';

/** A decision with its reasons in one text, for services that show one: CloudFormation and CodePipeline. */
export type GateAnswer =
  | { readonly step: 'admit'; readonly says: string; readonly anyway?: AdmittedAnyway }
  | { readonly step: 'look again'; readonly says: string; readonly inSeconds: number }
  | { readonly step: 'refuse'; readonly says: string };

/** What a service shows at most: CloudFormation cuts a longer message, and Cloud Control after 1,024. */
export const SHOWN_CHARACTERS = 4096;
export const CLOUD_CONTROL_CHARACTERS = 1024;
/** For how many are not shown. */
const MORE_CHARACTERS = 100;

/** @param characters that the service shows */
export function gateAnswer(
  decided: Decided,
  evidenceBucket: string,
  characters = SHOWN_CHARACTERS,
): GateAnswer {
  switch (decided.step) {
    case 'admit': {
      const { step, anyway } = decided;
      if (anyway === undefined) return { step, says: whyAllMayRun(decided.images) };
      return { step, anyway, says: shownText(decided.refusals, evidenceBucket) };
    }
    case 'look again': {
      const { step, refusals, inSeconds } = decided;
      return { step, inSeconds, says: shownText(refusals, evidenceBucket) };
    }
    case 'refuse': {
      const { step, refusals } = decided;
      return { step, says: withWaysOut(shownText(refusals, evidenceBucket), waysOut(refusals), characters) };
    }
  }
}

/** Every refused image with its findings, in the words of every gate. */
export function refusalText(refusals: readonly Refusal[], evidenceBucket: string): string {
  return refusals.map(each => textOf(each, evidenceBucket)).join('\n');
}

/** For each image that a grant can let through, the command. */
export function waysOut(refusals: readonly Refusal[]): string[] {
  return [...new Set(refusals.flatMap(({ refused: { wayOut } }) => wayOut ?? []))];
}

/** As many ways out as there is room for: nothing else is cut for one, and none is cut in two. */
function withWaysOut(text: string, ways: readonly string[], characters: number): string {
  let shown = text;
  for (const way of ways) {
    if (shown.length + 1 + way.length <= characters) shown += `\n${way}`;
  }
  return shown;
}

/** Whole refusals, and how many more there are. */
function shownText(refusals: readonly Refusal[], evidenceBucket: string): string {
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

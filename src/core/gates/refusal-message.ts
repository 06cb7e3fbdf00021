import type { AlertMessage } from '../alerts/message';
import { ScanFile, scanKey } from '../evidence';
import { imageOf, type ImageName } from '../image';
import { plainText, subjectText } from '../plain-text';
import type { Refused } from '../trust/refusal';
import type { RegisterRow } from '../trust/register-row';

/** As JSON: CloudFormation drops a response of more than 4096 bytes whole, reason and all, and the longest names in the rest of it have 2,200. */
const MESSAGE_BYTES = 1800;
/** The name of an image can have 356. */
const SAYS_BYTES = 480;
const REMEDY_BYTES = 250;
const LISTED = 3;
const LEAST_BYTES = 60;
const LINE_END = asJson('\n');
const LINE_CHARACTERS = 220;

/**
 * What stands in the events of a stack whose image is refused: the finding, the rule, the remedy, and where to read on. Findings are what is
 * shortened where names are long: the report has them whole.
 */
export function refusalMessage(refused: Refused, row: RegisterRow | undefined, evidenceBucket: string): string {
  const says = cutAsJson(plainText(refused.says, SAYS_BYTES), SAYS_BYTES);
  const rest = [`what to do: ${cutAsJson(plainText(refused.remedy, REMEDY_BYTES), REMEDY_BYTES)}`, ...locations(row, evidenceBucket)];
  return [says, ...inRoom(findings(refused), MESSAGE_BYTES - asJson([says, ...rest].join('\n'))), ...rest].join('\n');
}

/** An equal share for each line, in which it says something; what a short one leaves is for those after it. */
function inRoom(lines: readonly string[], room: number): string[] {
  const listed = lines.slice(0, Math.floor(room / LEAST_BYTES));
  let left = room;
  return listed.map((line, at) => {
    const cut = cutAsJson(line, Math.floor(left / (listed.length - at)) - LINE_END);
    left -= asJson(cut) + LINE_END;
    return cut;
  });
}

/** Cut between two characters to so many bytes of JSON. */
function cutAsJson(text: string, max: number): string {
  if (asJson(text) <= max) return text;
  let left = max - asJson('…');
  const characters = Array.from(text);
  return characters.slice(0, characters.findIndex(character => (left -= asJson(character)) < 0)).join('') + '…';
}

/** What it takes in a JSON string: a quote, a backslash or the end of a line are two bytes. */
function asJson(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** For people, where a gate let it pass all the same. */
export function admittedAnyway(image: ImageName, refused: Refused, row: RegisterRow | undefined, evidenceBucket: string, why: string): AlertMessage {
  const { repository, digest } = imageOf(image);
  const title = plainText(`deployed without trust: ${repository}@${digest.slice(0, 19)} (${refused.reason})`, 200);
  return { subject: subjectText(title), title, lines: [`image: ${image}`, why, refused.says, ...findings(refused), ...locations(row, evidenceBucket)], nextSteps: [refused.remedy] };
}

function findings({ worst }: Refused): string[] {
  return worst.slice(0, LISTED).map(each => `- ${plainText(each, LINE_CHARACTERS)}`);
}

/** An index has no report: its images have. */
function locations(row: RegisterRow | undefined, evidenceBucket: string): string[] {
  if (row?.verdict === undefined) return [];
  const { evidenceKey, kind, scanId } = row.verdict;
  const report = kind === 'scan' ? [`report: s3://${evidenceBucket}/${scanKey(row.pk, scanId, ScanFile.report)}`] : [];
  return [`verdict: s3://${evidenceBucket}/${evidenceKey}`, ...report];
}

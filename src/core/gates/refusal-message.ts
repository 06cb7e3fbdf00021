import type { AlertMessage } from '../alerts/message';
import { ScanFile, scanKey } from '../evidence/evidence-keys';
import { imageOf, type ImageName } from '../image/image';
import type { RegisterRow } from '../register/row';
import { cutToJson, jsonBytes, plainText, subjectText } from '../text/plain-text';
import type { Refused } from '../trust/refusal';

/**
 * As JSON: the longest names in the rest of an answer have 2,200 of the 4096 bytes that CloudFormation takes.
 */
const MESSAGE_BYTES = 1800;
/** The name of an image can have 356. */
const SAYS_BYTES = 480;
const REMEDY_BYTES = 250;
const LISTED = 3;
const LEAST_BYTES = 60;
const LINE_END = jsonBytes('\n');
const LINE_CHARACTERS = 220;

/**
 * What stands in the events of a stack whose image is refused: the finding, the rule, the remedy, and where
 * to read on. Findings are what is shortened where names are long: the report has them whole.
 */
export function refusalMessage(
  refused: Refused,
  row: RegisterRow | undefined,
  evidenceBucket: string,
): string {
  const says = cutToJson(plainText(refused.says, SAYS_BYTES), SAYS_BYTES);
  const rest = [
    `To fix: ${cutToJson(plainText(refused.remedy, REMEDY_BYTES), REMEDY_BYTES)}`,
    ...locations(row, evidenceBucket),
  ];
  return [
    says,
    ...inRoom(findings(refused), MESSAGE_BYTES - jsonBytes([says, ...rest].join('\n'))),
    ...rest,
  ].join('\n');
}

/**
 * An equal share for each line, in which it says something; what a short one leaves is for those after it.
 */
function inRoom(lines: readonly string[], room: number): string[] {
  const listed = lines.slice(0, Math.floor(room / LEAST_BYTES));
  let left = room;
  return listed.map((line, at) => {
    const cut = cutToJson(line, Math.floor(left / (listed.length - at)) - LINE_END);
    left -= jsonBytes(cut) + LINE_END;
    return cut;
  });
}

/** For people, where a gate let it pass all the same. */
export function admittedAnyway(
  image: ImageName,
  refused: Refused,
  row: RegisterRow | undefined,
  evidenceBucket: string,
  why: string,
): AlertMessage {
  const { repository, digest } = imageOf(image);
  const title = plainText(
    `deployed without trust: ${repository}@${digest.slice(0, 19)} (${refused.reason})`,
    200,
  );
  return {
    subject: subjectText(title),
    title,
    lines: [`image: ${image}`, why, refused.says, ...findings(refused), ...locations(row, evidenceBucket)],
    nextSteps: [refused.remedy],
  };
}

function findings({ worst }: Refused): string[] {
  return worst.slice(0, LISTED).map(each => `- ${plainText(each, LINE_CHARACTERS)}`);
}

/** An index has no report: its images have. */
function locations(row: RegisterRow | undefined, evidenceBucket: string): string[] {
  if (row?.verdict === undefined) return [];
  const { evidenceKey, kind, scanId } = row.verdict;
  const report =
    kind === 'scan' ? [`report: s3://${evidenceBucket}/${scanKey(row.pk, scanId, ScanFile.report)}`] : [];
  return [`verdict: s3://${evidenceBucket}/${evidenceKey}`, ...report];
}

import type { AlertMessage } from '../alerts/message';
import { ScanFile, scanKey } from '../evidence';
import { imageOf, type ImageName } from '../image';
import { cutToBytes, plainText, subjectText } from '../plain-text';
import type { Refused } from '../trust/refusal';
import type { RegisterRow } from '../trust/register-row';

/** CloudFormation drops a response of more than 4096 bytes whole, reason and all; JSON may double what is escaped, and others add to it. */
const MESSAGE_BYTES = 1800;
const LISTED = 3;
const LINE_CHARACTERS = 220;

/** What stands in the events of a stack whose image is refused: the finding, the rule, the remedy, and where to read on. */
export function refusalMessage(refused: Refused, row: RegisterRow | undefined, evidenceBucket: string): string {
  const whatToDo = `what to do: ${plainText(refused.remedy, 250)}`;
  return cutToBytes([plainText(refused.says, 400), ...findings(refused), whatToDo, ...locations(row, evidenceBucket)].join('\n'), MESSAGE_BYTES);
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

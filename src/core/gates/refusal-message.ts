import { ScanFile, scanKey } from '../evidence/evidence-keys';
import type { RegisterRow } from '../register/row';
import { cutToJson, jsonBytes, nameText, plainText } from '../text/plain-text';
import type { Refused } from '../trust/refusal';

/**
 * The limit as JSON: the rest of an answer can take 2,200 of the 4096 bytes that CloudFormation accepts.
 */
const MESSAGE_BYTES = 1800;
/** The name of an image can take 356 bytes. */
const SAYS_BYTES = 480;
const NOT_LIFTED_BYTES = 330;
const REMEDY_BYTES = 250;
const LISTED = 3;
const LEAST_BYTES = 60;
const LINE_END = jsonBytes('\n');
const LINE_CHARACTERS = 220;

/**
 * The reason in the events of a stack whose image is refused: finding, rule, remedy, and links. If names are
 * long, the findings are shortened: the report contains them in full.
 */
export function refusalMessage(
  refused: Refused,
  row: RegisterRow | undefined,
  evidenceBucket: string,
): string {
  const says = [
    cutToJson(nameText(refused.says, SAYS_BYTES), SAYS_BYTES),
    ...notLifted(refused).map(line => cutToJson(line, NOT_LIFTED_BYTES)),
  ];
  const rest = [
    `To fix: ${cutToJson(nameText(refused.remedy, REMEDY_BYTES), REMEDY_BYTES)}`,
    ...locations(row, evidenceBucket),
  ];
  return [
    ...says,
    ...fitted(findings(refused), MESSAGE_BYTES - jsonBytes([...says, ...rest].join('\n'))),
    ...rest,
  ].join('\n');
}

/**
 * Gives each line an equal share of the bytes. Later lines may use what a short line leaves.
 */
function fitted(lines: readonly string[], bytes: number): string[] {
  const listed = lines.slice(0, Math.floor(bytes / LEAST_BYTES));
  let left = bytes;
  return listed.map((line, at) => {
    const cut = cutToJson(line, Math.floor(left / (listed.length - at)) - LINE_END);
    left -= jsonBytes(cut) + LINE_END;
    return cut;
  });
}

/** A line of its own, because the text before it may be cut (rule 5.11, break-glass). */
export function notLifted({ notLifted: why }: Refused): string[] {
  return why === undefined ? [] : [plainText(why, NOT_LIFTED_BYTES)];
}

export function findings({ worst }: Refused): string[] {
  return worst.slice(0, LISTED).map(each => `- ${nameText(each, LINE_CHARACTERS)}`);
}

/** An index has no report of its own, only its images have one. */
export function locations(row: RegisterRow | undefined, evidenceBucket: string): string[] {
  if (row?.verdict === undefined) return [];
  const { evidenceKey, kind, scanId } = row.verdict;
  const report =
    kind === 'scan' ? [`report: s3://${evidenceBucket}/${scanKey(row.pk, scanId, ScanFile.report)}`] : [];
  return [`verdict: s3://${evidenceBucket}/${evidenceKey}`, ...report];
}

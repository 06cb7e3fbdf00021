import * as z from 'zod';
import { completeWith, lastDayBefore, type Draft, type ImportOptions } from './imported';
import { WaiverLimit, type Waivers } from './waiver';
import { failed, type Result } from '../result';
import { plainText } from '../text/plain-text';
import { given, type WaiverProblem } from '../text/problem';

/** `CVE-2024-1234 exp:2026-12-31`, one a line. */
export function fromLines(
  text: string,
  file: string,
  options: ImportOptions,
): Result<Waivers, WaiverProblem[]> {
  if (text.length > WaiverLimit.bytes) {
    return failed([
      {
        file,
        line: 1,
        column: 1,
        message: `the file has ${text.length} characters, allowed: ${WaiverLimit.bytes}`,
      },
    ]);
  }
  const drafts: Draft[] = [];
  const problems: WaiverProblem[] = [];
  text.split('\n').forEach((line, index) => {
    const problem = (at: number, message: string) =>
      problems.push({ file, line: index + 1, column: at + 1, message });
    const odd = unreadable(line);
    if (odd !== undefined) {
      problem(odd.at, odd.message);
      return;
    }
    const fields = Array.from(line.matchAll(FIELD), ({ 0: field, index: at }) => ({ field, at }));
    const [id, ...rest] = fields;
    if (id === undefined || id.field.startsWith('#')) return;
    const comment = rest.findIndex(({ field }) => field.startsWith('#'));
    const end = fields.find(({ field }) => field.startsWith(END)); // in the comment too, as for Trivy
    const day = end?.field.slice(END.length);
    const isDay = end !== id && z.iso.date().safeParse(day).success;
    const wrong = [
      ...(comment < 0 ? rest : rest.slice(0, comment)).filter(each => each !== end),
      ...(end === undefined || isDay ? [] : [end]),
    ][0];
    if (wrong !== undefined) {
      const allowed = 'allowed: one exp:YYYY-MM-DD after the id, and # before a comment';
      problem(wrong.at, `${plainText(id.field, 80)}: ${given(wrong.field)} is not read here, ${allowed}`);
    }
    drafts.push({
      at: { line: index + 1, column: id.at + 1 },
      entry: { id: id.field, ...(day !== undefined && isDay && { expires: lastDayBefore(new Date(day)) }) },
    });
  });
  return completeWith(problems, drafts, file, options);
}

/** What Go takes for white space, between which Trivy's words stand. */
const FIELD = /[^\s\u0085]+/g;
const END = 'exp:';
/** Of Go's `bufio.Scanner`, without the line feed. */
const LONGEST_LINE = 65_535;

/** What Trivy reads in another way than people do. */
function unreadable(line: string): { readonly at: number; readonly message: string } | undefined {
  const mark = line.indexOf('\ufeff');
  if (mark >= 0) {
    return {
      at: mark,
      message:
        'a byte-order mark (U+FEFF), which Trivy takes for a part of the text, allowed: none; save the file as UTF-8 without it',
    };
  }
  const bytes = line.length * 3 > LONGEST_LINE ? new TextEncoder().encode(line).length : 0;
  return bytes <= LONGEST_LINE
    ? undefined
    : {
        at: 0,
        message: `the line has ${bytes} bytes, allowed: ${LONGEST_LINE}; Trivy reads nothing behind a longer one`,
      };
}

import type { Instruction } from './reading';

/** Where the parts of a text begin, by offset, and the line in the file that each of them is. */
type Pieces = readonly { readonly offset: number; readonly line: number }[];

export type LineOf = (offset: number) => number;

/**
 * Finds the line in the file of a place in a text that was made of an instruction's lines, such as the script
 * of a RUN. BuildKit tells the first line only, so the others are found again one after the other.
 */
export function linesOf(source: readonly string[], { line, endLine }: Instruction, text: string): LineOf {
  const [first, ...others] = source.slice(line - 1, endLine).map(each =>
    each
      .trim()
      .replace(/[\\`]$/, '')
      .trimEnd(),
  );
  const pieces = [{ offset: 0, line }];
  let behind = lengthOfStart(text, first ?? '');
  for (const [index, each] of others.entries()) {
    const offset = each === '' ? -1 : text.indexOf(each, behind);
    if (offset < 0) continue; // a comment
    pieces.push({ offset, line: line + 1 + index });
    behind = offset + each.length;
  }
  return offset => lineAt(pieces, offset);
}

/** The same of a text that is written as it is, line by line. */
export function plainLines(first: number, text: string): LineOf {
  const pieces = [{ offset: 0, line: first }];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    pieces.push({ offset: at + 1, line: first + pieces.length });
  }
  return offset => lineAt(pieces, offset);
}

function lineAt(pieces: Pieces, offset: number): number {
  let [from, to] = [0, pieces.length];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (pieces[middle]!.offset <= offset) from = middle;
    else to = middle;
  }
  return pieces[from]!.line;
}

/** How much of the text is on the first line, behind the name and the flags of the instruction. */
function lengthOfStart(text: string, first: string): number {
  for (let at = 0; at < first.length; at++) if (text.startsWith(first.slice(at))) return first.length - at;
  return 0;
}

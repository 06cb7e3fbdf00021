import type { Instruction } from './reading';

/**
 * The line in the file of a place in a text that was made of an instruction's lines, such as the script of a
 * RUN. BuildKit tells the first line only, so the others are found again one after the other.
 */
export function lineOf(source: string, { line, endLine }: Instruction, text: string, offset: number): number {
  const [first, ...others] = source
    .split('\n')
    .slice(line - 1, endLine)
    .map(each =>
      each
        .trim()
        .replace(/[\\`]$/, '')
        .trimEnd(),
    );
  let behind = lengthOfStart(text, first ?? '');
  let found = line;
  for (const [index, each] of others.entries()) {
    const at = each === '' ? -1 : text.indexOf(each, behind);
    if (at < 0) continue; // a comment
    if (at > offset) break;
    found = line + 1 + index;
    behind = at + each.length;
  }
  return found;
}

/** How much of the text is on the first line, behind the name and the flags of the instruction. */
function lengthOfStart(text: string, first: string): number {
  for (let at = 0; at < first.length; at++) if (text.startsWith(first.slice(at))) return first.length - at;
  return 0;
}

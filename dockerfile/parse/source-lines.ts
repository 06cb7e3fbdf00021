/**
 * White space as Go's `unicode.IsSpace` has it: BuildKit trims by that, and JavaScript's `\s` is another set.
 */
const SPACE = '\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${SPACE}]+`);
// looks back, else a long run of spaces is read once for each of them
const TRAILING = new RegExp(`(?<![${SPACE}])[${SPACE}]+$`);
const ANY = new RegExp(`[${SPACE}]`);

export const trimStart = (text: string) => text.replace(LEADING, '');
export const trimEnd = (text: string) => text.replace(TRAILING, '');
export const isSpace = (character: string) => ANY.test(character);
export const isComment = (line: string) => trimStart(line).startsWith('#');

/** The file's lines, with an end of their own cut off. A lone CR ends no line. */
export function sourceLines(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(line => line.replace(/(?<!\r)\r+$/, ''));
}

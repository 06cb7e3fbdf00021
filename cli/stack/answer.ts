import { plainText } from '../../src/core/text/plain-text';
import type { Cli } from '../shell/cli';

/**
 * The answer, for programs or for people. Untrusted text is escaped in JSON, and goes through `plainText` in
 * lines.
 */
export function answer(
  { out }: Pick<Cli, 'out'>,
  asJson: boolean | undefined,
  value: unknown,
  lines: () => readonly string[],
): void {
  if (asJson === true) out.printJson(value);
  else lines().forEach(line => out.print(line));
}

/**
 * Columns under their titles, as wide as their content; the last one is not padded.
 *
 * @param widest characters of a cell: more are cut
 */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  widest = 120,
): string[] {
  const cells = [titles, ...rows].map(row => row.map(cell => plainText(cell, widest)));
  const widths = titles.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)));
  return cells.map(row =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** `2026-11-25 02:00Z` */
export function minute(time: string): string {
  return plainText(`${time.slice(0, 16).replace('T', ' ')}Z`, 300);
}

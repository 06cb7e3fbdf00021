import { plainText } from '../../src/core/plain-text';

export interface Line {
  readonly image: string;
  readonly title: string;
  readonly expected: string;
  readonly outcome: string;
  readonly seconds: number;
  readonly worst: readonly string[];
}

const COLOURS: Record<string, string> = { PASS: '32', FAIL: '31', ERROR: '33' };

/** Image, verdict, and why; in colour on a terminal that wants it. */
export function outcomeTable(lines: readonly Line[], colour: boolean): string {
  const width = Math.max(...lines.map(({ image }) => image.length));
  return lines.map(({ image, title, expected, outcome, seconds, worst }) => {
    const shown = colour && COLOURS[outcome] !== undefined ? `\u001b[${COLOURS[outcome]}m${outcome.padEnd(7)}\u001b[0m` : outcome.padEnd(7);
    const mark = outcome === expected ? '' : `   <-- expected ${expected}`;
    return [`${image.padEnd(width)}  ${shown}  ${seconds.toFixed(1).padStart(5)} s  ${title}${mark}`, ...worst.map(each => `${' '.repeat(width + 2)}- ${plainText(each, 200)}`)].join('\n');
  }).join('\n');
}

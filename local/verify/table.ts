import type { Answers, Matrix, Row } from './run-matrix';
import type { Answer } from './verifiers';

/**
 * The matrix as Markdown, followed by the reason of each refusal. The same answers always give the same text.
 */
export function renderMatrix({ headings, rows }: Matrix): string {
  const reasons = new Reasons();
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    line(['case', ...headings]),
    `|${'---|'.repeat(headings.length + 1)}`,
    ...rows.map(row =>
      line([row.of.title, ...row.answers.map(answers => cellOf(answers, row.of.truth, reasons))]),
    ),
  ];
  return [...table, '', ...reasons.all().map((reason, at) => `${at + 1}. \`${reason}\``)].join('\n');
}

/** The answers of both forms of the key, if they differ. */
function cellOf(answers: Answers, truth: Row['of']['truth'], reasons: Reasons): string {
  const said = Object.entries(answers).map(([form, answer]) => ({
    form,
    text: textOf(answer, truth, reasons),
  }));
  if (new Set(said.map(({ text }) => text)).size === 1) return said[0]!.text;
  return said.map(({ form, text }) => `\`${form}\`: ${text}`).join('; ');
}

function textOf({ trusted, says }: Answer, truth: Row['of']['truth'], reasons: Reasons): string {
  if (trusted) return truth === 'trusted' ? 'accepts' : '**accepts**';
  return `refuses (${reasons.numberOf(withoutNames(says))})`;
}

/** Numbers reasons in the order of their first use. */
class Reasons {
  private readonly known: string[] = [];

  public numberOf(reason: string): number {
    const at = this.known.indexOf(reason);
    return at === -1 ? this.known.push(reason) : at + 1;
  }

  public all(): readonly string[] {
    return this.known;
  }
}

/**
 * Removes what differs between runs: digests, times, ids, and the unique parts of the names of repositories
 * and keys.
 */
export function withoutNames(text: string): string {
  return text
    .replace(/sha256:[0-9a-f]{8,64}/g, 'sha256:…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, '<scan>')
    .replace(/\b\d+ hours ago\b/g, '<n> hours ago')
    .replace(/-[0-9a-f]{8}\b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

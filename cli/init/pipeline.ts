export interface GeneratedFile {
  /** Relative to where the command runs. */
  readonly path: string;
  readonly content: string;
}

/** What `init` writes for one CI system. */
export interface Pipeline {
  readonly file: GeneratedFile;
  /** What the reader has to do before it runs. */
  readonly next: readonly string[];
  /** Code to paste. */
  readonly snippet?: string;
}

/** Lines of a block, so many spaces in. */
export function indented(text: string, spaces: number): string {
  return text
    .split('\n')
    .map(line => (line === '' ? line : ' '.repeat(spaces) + line))
    .join('\n');
}

/** Each line as a command of its own. */
export function listed(text: string, spaces: number): string {
  return indented(
    text
      .split('\n')
      .map(line => `- ${line}`)
      .join('\n'),
    spaces,
  );
}

/**
 * A value as text, whatever else YAML would take it for: `true`, `2024-01-01`. None of those that get here
 * has a quote.
 */
export function quoted(value: string): string {
  return `'${value}'`;
}

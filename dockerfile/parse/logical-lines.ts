import { isComment, sourceLines, trimStart } from './source-lines';

/** One instruction's text: its lines joined, and where each of them begins in it. */
export interface LogicalLine {
  readonly text: string;
  readonly line: number;
  readonly endLine: number;
  readonly pieces: readonly Piece[];
}

interface Piece {
  readonly offset: number;
  readonly line: number;
}

/** The lines of a file, instruction by instruction; who finds a heredoc takes its lines from here too. */
export class LineReader {
  private readonly lines: readonly string[];
  private next = 0;

  constructor(
    text: string,
    private readonly escape: string,
  ) {
    this.lines = sourceLines(text);
  }

  /**
   * The next instruction, continued over as many lines as it has; comments and empty lines do not end a
   * continuation.
   */
  public read(): LogicalLine | undefined {
    while (this.next < this.lines.length && isBlank(this.lines[this.next]!)) this.next += 1;
    if (this.next >= this.lines.length) return undefined;
    const line = this.next + 1;
    const pieces: Piece[] = [];
    const texts: string[] = [];
    let length = 0;
    for (let isContinued = true; isContinued && this.next < this.lines.length; this.next += 1) {
      const source = this.lines[this.next]!;
      if (pieces.length > 0 && isBlank(source)) continue;
      const piece = this.continued(pieces.length === 0 ? trimStart(source) : source);
      isContinued = piece !== undefined;
      const text = piece ?? (pieces.length === 0 ? trimStart(source) : source);
      pieces.push({ offset: length, line: this.next + 1 });
      texts.push(text);
      length += text.length;
    }
    return { text: texts.join(''), line, endLine: this.next, pieces };
  }

  /** The lines up to one that is `name` and nothing else, which is left out; `undefined` if there is none. */
  public readHeredoc(
    name: string,
    isChomped: boolean,
  ): { readonly content: string; readonly line: number } | undefined {
    const first = this.next;
    for (let at = first; at < this.lines.length; at++) {
      const line = this.lines[at]!;
      if ((isChomped ? line.replace(/^\t+/, '') : line) !== name) continue;
      this.next = at + 1;
      return { content: this.lines.slice(first, at).join('\n'), line: first + 1 };
    }
    return undefined;
  }

  /** The number of the last line that was read. */
  public get line(): number {
    return this.next;
  }

  /**
   * The line without its last escape character, if that continues it: the last on the line, and not escaped
   * itself.
   */
  private continued(line: string): string | undefined {
    const end = line.replace(/(?<![ \t])[ \t]+$/, '');
    if (!end.endsWith(this.escape) || end.at(-2) === this.escape) return undefined;
    return end.slice(0, -1);
  }
}

function isBlank(line: string): boolean {
  return isComment(line) || trimStart(line) === '';
}

/** The line in the file of a place in an instruction's text. */
export function lineAt(pieces: readonly Piece[], offset: number): number {
  let line = pieces[0]?.line ?? 1;
  for (const piece of pieces) if (piece.offset <= offset) line = piece.line;
  return line;
}

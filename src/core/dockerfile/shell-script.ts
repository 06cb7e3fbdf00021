/** A command in a script, as far as a check needs it: its words without quotes, where it begins, and what it reads. */
export interface Command {
  readonly words: readonly string[];
  readonly offset: number;
  /** Its position in its pipeline; 0 reads no pipe. */
  readonly position: number;
}

export type Pipeline = readonly Command[];

/**
 * The pipelines of a shell script, those within `$( )`, backticks and `( )` too. No shell: variables are not followed and nothing is run, but
 * quotes, escapes and comments are not taken for commands.
 */
export function pipelinesOf(script: string): Pipeline[] {
  const reader = new ScriptReader(script);
  reader.read();
  return reader.pipelines;
}

const MAX_DEPTH = 30;

class ScriptReader {
  public readonly pipelines: Command[][] = [];
  private at = 0;

  constructor(private readonly script: string) {}

  /** Reads up to `end`, and past it. */
  public read(end = '', depth = 0): void {
    let pipeline: Command[] = [];
    let words: string[] = [];
    let word: string | undefined;
    let offset = this.at;
    const endWord = () => {
      if (word !== undefined) words.push(word);
      word = undefined;
    };
    const endCommand = () => {
      endWord();
      if (words.length > 0) pipeline.push({ words, offset, position: pipeline.length });
      words = [];
    };
    const endPipeline = () => {
      endCommand();
      if (pipeline.length > 0) this.pipelines.push(pipeline);
      pipeline = [];
    };
    while (this.at < this.script.length) {
      const character = this.script[this.at]!;
      const next = this.script[this.at + 1] ?? '';
      if (word === undefined && words.length === 0) offset = this.at;
      if (character === end) break;
      if (character === '\\') {
        if (next !== '\n') word = (word ?? '') + next;
        this.at += 2;
      } else if (character === "'") {
        word = (word ?? '') + this.quoted();
      } else if (character === '"') {
        word = (word ?? '') + this.doubleQuoted(depth);
      } else if ('$<>'.includes(character) && next === '(') {
        word = (word ?? '') + this.substitution(character, 2, ')', depth);
      } else if (character === '`') {
        word = (word ?? '') + this.substitution('$', 1, '`', depth);
      } else if (character === '#' && word === undefined) {
        this.skipLine();
      } else if (character === '|' && next !== '|') {
        endCommand();
        this.at += next === '&' ? 2 : 1;
        while (/\s/.test(this.script[this.at] ?? '')) this.at += 1; // a pipe goes on after a line's end
      } else if (character === '>' && next === '&' || character === '&' && next === '>') { // 2>&1 ends no command
        word = `${word ?? ''}${character}${next}`;
        this.at += 2;
      } else if (character === '(' && depth < MAX_DEPTH && word === undefined) {
        endPipeline();
        this.at += 1;
        this.read(')', depth + 1);
      } else if (';&|\n(){}'.includes(character) && !(word !== undefined && '{}'.includes(character))) {
        endPipeline();
        this.at += 1;
      } else if (/\s/.test(character)) {
        endWord();
        this.at += 1;
      } else {
        word = (word ?? '') + character;
        this.at += 1;
      }
    }
    endPipeline();
    this.at += 1;
  }

  private skipLine(): void {
    const end = this.script.indexOf('\n', this.at);
    this.at = end < 0 ? this.script.length : end;
  }

  private quoted(): string {
    const end = this.script.indexOf("'", this.at + 1);
    const text = this.script.slice(this.at + 1, end < 0 ? undefined : end);
    this.at = end < 0 ? this.script.length : end + 1;
    return text;
  }

  private doubleQuoted(depth: number): string {
    let text = '';
    for (this.at += 1; this.at < this.script.length && this.script[this.at] !== '"';) {
      const character = this.script[this.at]!;
      if (character === '\\') {
        text += this.script[this.at + 1] ?? '';
        this.at += 2;
      } else if (character === '$' && this.script[this.at + 1] === '(') {
        text += this.substitution('$', 2, ')', depth);
      } else if (character === '`') {
        text += this.substitution('$', 1, '`', depth);
      } else {
        text += character;
        this.at += 1;
      }
    }
    this.at += 1;
    return text;
  }

  /** Stands in the word as `$(…)` or `<(…)`, with what runs in it. */
  private substitution(mark: string, length: number, end: string, depth: number): string {
    const start = this.at + length;
    this.at = start;
    if (depth >= MAX_DEPTH) return mark;
    this.read(end, depth + 1);
    return `${mark}(${this.script.slice(start, this.at - 1)})`;
  }
}

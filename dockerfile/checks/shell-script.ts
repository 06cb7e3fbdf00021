/** A command in a script, as far as a check needs it: its words without quotes, and where it begins. */
export interface Command {
  readonly words: readonly string[];
  readonly offset: number;
  /** Its place in its pipeline: 0 reads no pipe. All commands of a group have the group's. */
  readonly position: number;
}

export type Pipeline = readonly Command[];

/**
 * The pipelines of a shell script, those within `$( )`, backticks, `( )` and `{ }` too. No shell: variables
 * are not followed and nothing is run, but quotes, escapes and comments are not taken for commands.
 */
export function pipelinesOf(script: string): Pipeline[] {
  const reader = new ScriptReader(script);
  reader.read();
  return reader.pipelines;
}

/** Scripts that nest deeper are read as if they did not. */
const MAX_DEPTH = 30;

/** What has been read of the pipeline at hand. */
class Unfinished {
  public word: string | undefined;
  public words: string[] = [];
  private offset = 0;
  private commands: Command[] = [];
  private position = 0;

  public get isAtCommand(): boolean {
    return this.word === undefined && this.words.length === 0;
  }

  public add(text: string, offset: number): void {
    if (this.isAtCommand) this.offset = offset;
    this.word = (this.word ?? '') + text;
  }

  public endWord(): void {
    if (this.word !== undefined) this.words.push(this.word);
    this.word = undefined;
  }

  /** What follows reads what was there, a group too. */
  public pipe(): void {
    this.endCommand();
    this.position += 1;
  }

  public addGroup(pipelines: readonly Pipeline[]): void {
    this.commands.push(...pipelines.flat().map(command => ({ ...command, position: this.position })));
  }

  public end(): Pipeline[] {
    this.endCommand();
    const pipelines = this.commands.length > 0 ? [this.commands] : [];
    this.commands = [];
    this.position = 0;
    return pipelines;
  }

  private endCommand(): void {
    this.endWord();
    if (this.words.length > 0) {
      this.commands.push({ words: this.words, offset: this.offset, position: this.position });
    }
    this.words = [];
  }
}

class ScriptReader {
  public readonly pipelines: Pipeline[] = [];
  private at = 0;

  constructor(private readonly script: string) {}

  /** Reads up to `end`, and past it. */
  public read(end = '', depth = 0): void {
    const now = new Unfinished();
    while (this.at < this.script.length) {
      const start = this.at;
      const character = this.script[start]!;
      const next = this.script[start + 1] ?? '';
      if (character === end && (end !== '}' || now.word === undefined)) break;
      const text = this.textOfWord(character, next, depth);
      if (text !== undefined) {
        now.add(text, start);
      } else if (character === '#' && now.word === undefined) {
        this.skipTo('\n');
      } else if (character === '|' && next !== '|') {
        now.pipe();
        this.at += next === '&' ? 2 : 1;
        while (/\s/.test(this.script[this.at] ?? '')) this.at += 1; // a pipe goes on after a line's end
      } else if ((character === '(' || character === '{') && now.isAtCommand && depth < MAX_DEPTH) {
        this.readGroup(character === '(' ? ')' : '}', now, depth);
      } else if (';&|\n()'.includes(character)) {
        this.pipelines.push(...now.end());
        this.at += 1;
      } else if (/\s/.test(character)) {
        now.endWord();
        this.at += 1;
      } else {
        now.add(character, start);
        this.at += 1;
      }
    }
    this.pipelines.push(...now.end());
    this.at += 1;
  }

  /**
   * What belongs to a word whatever is in it: escapes, quotes, substitutions, and the `&` of a redirection.
   */
  private textOfWord(character: string, next: string, depth: number): string | undefined {
    if (character === '\\') {
      this.at += 2;
      return next === '\n' ? '' : next;
    }
    if (character === "'") return this.quoted();
    if (character === '"') return this.doubleQuoted(depth);
    if ('$<>'.includes(character) && next === '(') return this.substitution(character, 2, ')', depth);
    if (character === '`') return this.substitution('$', 1, '`', depth);
    if ((character === '>' && next === '&') || (character === '&' && next === '>')) {
      this.at += 2;
      return `${character}${next}`;
    }
    return undefined;
  }

  private readGroup(end: string, now: Unfinished, depth: number): void {
    const before = this.pipelines.length;
    this.at += 1;
    this.read(end, depth + 1);
    now.addGroup(this.pipelines.splice(before));
  }

  private skipTo(end: string): void {
    const found = this.script.indexOf(end, this.at);
    this.at = found < 0 ? this.script.length : found;
  }

  private quoted(): string {
    const start = this.at + 1;
    this.at = start;
    this.skipTo("'");
    const text = this.script.slice(start, this.at);
    this.at += 1;
    return text;
  }

  private doubleQuoted(depth: number): string {
    let text = '';
    for (this.at += 1; this.at < this.script.length && this.script[this.at] !== '"';) {
      const character = this.script[this.at]!;
      const next = this.script[this.at + 1] ?? '';
      if (character === '\\' || character === '`' || (character === '$' && next === '(')) {
        text += this.textOfWord(character, next, depth);
      } else {
        text += character;
        this.at += 1;
      }
    }
    this.at += 1;
    return text;
  }

  /** Stands in the word as `$(…)` or `<(…)`; what runs in it is a pipeline of its own. */
  private substitution(mark: string, length: number, end: string, depth: number): string {
    const start = this.at + length;
    this.at = start;
    if (depth >= MAX_DEPTH) return mark;
    this.read(end, depth + 1);
    return `${mark}(${this.script.slice(start, this.at - 1)})`;
  }
}

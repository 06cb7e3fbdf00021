import type { LogicalLine } from './logical-lines';
import { isSpace, trimEnd, trimStart } from './source-lines';

export interface Heredoc {
  readonly name: string;
  readonly content: string;
  /** The line of its content's first line. */
  readonly line: number;
}

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** `--name=value`, without quotes. */
  readonly flags: readonly string[];
  /**
   * Older builders read escapes in flags by a backslash whatever the file says, and would take these for
   * others.
   */
  readonly hasUnclearFlags: boolean;
  /** What follows the flags, as it is written. */
  readonly args: string;
  /** Where `args` begins in the text of `source`. */
  readonly offset: number;
  /** The exec form. */
  readonly json?: readonly string[];
  readonly source: LogicalLine;
  readonly heredocs: readonly Heredoc[];
  /** What ONBUILD keeps for those who build on this image. */
  readonly onbuild?: Instruction;
}

const JSON_FORMS = ['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'];

/** Splits an instruction's text into its name, its flags and the rest. */
export function readInstruction(source: LogicalLine, escape: string, from = 0): Instruction {
  const text = source.text.slice(from);
  const start = text.length - trimStart(text).length;
  const end = trimEnd(text).length;
  const name = /^[^\t\v\f\r ]*/.exec(text.slice(start, end))![0];
  const behind = text.slice(start + name.length, end);
  const { flags, rest } = readFlags(behind, escape);
  const older = readFlags(behind, '\\');
  const skipped = start + name.length + rest;
  const offset =
    from + skipped + (text.slice(skipped, end).length - trimStart(text.slice(skipped, end)).length);
  const args = source.text.slice(offset, from + end);
  const upper = name.toUpperCase();
  const json = JSON_FORMS.includes(upper) ? readJson(args) : undefined;
  return {
    name: upper,
    flags,
    hasUnclearFlags: rest !== older.rest || flags.join('\n') !== older.flags.join('\n'),
    args,
    offset,
    source,
    heredocs: [],
    ...(json !== undefined && { json }),
    ...(upper === 'ONBUILD' &&
      args !== '' &&
      from === 0 && { onbuild: readInstruction(source, escape, offset) }),
  };
}

/** Words that begin with `--`, up to the first that does not, or to a `--` alone. */
function readFlags(text: string, escape: string): { readonly flags: string[]; readonly rest: number } {
  const flags: string[] = [];
  for (let at = 0; ;) {
    while (at < text.length && isSpace(text[at]!)) at += 1;
    if (!text.startsWith('--', at)) return { flags, rest: at };
    let word = '';
    let quote = '';
    for (; at < text.length && (quote !== '' || !isSpace(text[at]!)); at++) {
      const character = text[at]!;
      if (character === quote) quote = '';
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else word += character === escape ? (text[(at += 1)] ?? '') : character;
    }
    if (word === '--') return { flags, rest: at };
    flags.push(word);
  }
}

/** A JSON array of strings, else `undefined`: BuildKit then takes it for a shell's command. */
function readJson(args: string): string[] | undefined {
  if (!args.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(args);
    return Array.isArray(value) && value.every(each => typeof each === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The value of a flag, `undefined` if it is not there. */
export function flag({ flags }: Instruction, name: string): string | undefined {
  const found = flags.find(each => each === `--${name}` || each.startsWith(`--${name}=`));
  return found?.slice(name.length + 3);
}

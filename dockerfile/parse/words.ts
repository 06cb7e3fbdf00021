import { isSpace } from './source-lines';

/** A word as it is written, quotes and escapes included, and where it begins. */
export interface Word {
  readonly raw: string;
  readonly offset: number;
}

/**
 * Words between white space, in which quotes and the escape character hold what belongs together. `closed`:
 * every quote ends.
 */
export function splitWords(
  text: string,
  escape: string,
): { readonly words: Word[]; readonly closed: boolean } {
  const words: Word[] = [];
  let quote = '';
  let start = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote === '' && isSpace(character)) {
      if (start >= 0) words.push({ raw: text.slice(start, at), offset: start });
      start = -1;
      continue;
    }
    if (start < 0) start = at;
    if (character === escape && quote !== "'") at += 1;
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  if (start >= 0) words.push({ raw: text.slice(start), offset: start });
  return { words, closed: quote === '' };
}

/** What a name stands for, or `undefined` if only the build knows. */
export type Lookup = (name: string) => string | undefined;

export interface Expanded {
  readonly text: string;
  /** Variables whose value the file does not say; they are empty in `text`. */
  readonly unknown: readonly string[];
}

/** `${a:-${b:-…}}`: nobody nests deeper, and a file must not end the stack. */
const MAX_DEPTH = 20;

/**
 * A word without its quotes and with its variables filled in, as BuildKit does it: `$a`, `${a}`, `${a:-b}`,
 * `${a:+b}`.
 */
export function expand(raw: string, lookup: Lookup, escape: string, depth = 0): Expanded {
  if (depth > MAX_DEPTH) return { text: '', unknown: ['${'] };
  const unknown: string[] = [];
  let text = '';
  let quote = '';
  for (let at = 0; at < raw.length; at++) {
    const character = raw[at]!;
    const next = raw[at + 1] ?? '';
    if (
      character === escape &&
      quote !== "'" &&
      (quote === '' || next === '"' || next === '$' || next === escape)
    ) {
      text += next;
      at += 1;
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
    } else if (character === quote) {
      quote = '';
    } else if (character === '$' && quote !== "'") {
      const variable = readVariable(raw.slice(at), lookup, escape, depth);
      text += variable.text;
      unknown.push(...variable.unknown);
      at += variable.length - 1;
    } else {
      text += character;
    }
  }
  return { text, unknown };
}

const NAME = /^\$(?:\{)?([A-Za-z_][A-Za-z0-9_]*|[0-9@*#])/;

function readVariable(
  text: string,
  lookup: Lookup,
  escape: string,
  depth: number,
): Expanded & { readonly length: number } {
  const [start, name] = NAME.exec(text) ?? [];
  if (start === undefined || name === undefined) {
    return text.startsWith('${')
      ? { text: '', unknown: ['${'], length: text.length }
      : { text: '$', unknown: [], length: 1 };
  }
  const value = lookup(name);
  if (!start.startsWith('${')) {
    return { text: value ?? '', unknown: value === undefined ? [name] : [], length: start.length };
  }
  const end = closingBrace(text);
  if (end < 0) return { text: '', unknown: [name], length: text.length };
  const length = end + 1;
  const [, colon, modifier, rest] = /^(:?)([-+?]?)(.*)$/s.exec(text.slice(start.length, end))!;
  // ${a#b}, ${a/b/c}: not followed here
  if (modifier === '' && (colon !== '' || rest !== '')) return { text: '', unknown: [name], length };
  const isSet = value !== undefined && !(colon === ':' && value === '');
  if (modifier === '-' && !isSet) return { ...expand(rest!, lookup, escape, depth + 1), length };
  if (modifier === '+') {
    return isSet
      ? { ...expand(rest!, lookup, escape, depth + 1), length }
      : { text: '', unknown: value === undefined ? [name] : [], length };
  }
  return { text: value ?? '', unknown: value === undefined ? [name] : [], length };
}

function closingBrace(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && (depth -= 1) === 0) return at;
  }
  return -1;
}

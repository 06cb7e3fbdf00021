import * as z from 'zod';

/** A glob in a policy. */
export const Pattern = z.string().min(1).max(200);

/** A compiled pattern. Only stars are special: there are no escapes, classes or alternatives. */
export interface Glob {
  /** The pattern up to the first star: most texts do not start with it, and need no further comparison. */
  readonly prefix: string;
  matches(text: string): boolean;
}

type Token = { readonly literal: string } | { readonly run: 'segment' | 'any' | 'folders' };

/**
 * `*` matches any characters but `/`, `**` any characters, and `**` followed by `/` at the start of a
 * segment any number of whole folders, or none. It is never a RegExp: a pattern is untrusted text, and this
 * takes at most length of pattern × length of text (rule 5.6, limits).
 */
export function compileGlob(pattern: string): Glob {
  const tokens = tokensOf(pattern);
  const [first] = tokens;
  const prefix = first !== undefined && 'literal' in first ? first.literal : '';
  if (tokens.length === 0 || (tokens.length === 1 && prefix !== '')) {
    return { prefix, matches: text => text === pattern };
  }
  const last = tokens.at(-1)!;
  const suffix = 'literal' in last ? last.literal : '';
  return {
    prefix,
    matches: text => text.startsWith(prefix) && text.endsWith(suffix) && matchesWhole(tokens, text),
  };
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length;) {
    let end = at;
    if (pattern[at] !== '*') {
      while (end < pattern.length && pattern[end] !== '*') end += 1;
      tokens.push({ literal: pattern.slice(at, end) });
    } else {
      while (pattern[end] === '*') end += 1;
      const isFolders = end - at > 1 && pattern[end] === '/' && (at === 0 || pattern[at - 1] === '/');
      if (isFolders) end += 1;
      tokens.push({ run: isFolders ? 'folders' : end - at > 1 ? 'any' : 'segment' });
    }
    at = end;
  }
  return tokens;
}

/**
 * The lengths of text that the tokens so far can match, as ranges [from, to, from, to, …]: in order, and
 * with gaps between them.
 */
type Reached = readonly number[];

function matchesWhole(tokens: readonly Token[], text: string): boolean {
  let reached: Reached = [0, 0];
  for (const token of tokens) {
    reached =
      'literal' in token ? afterLiteral(reached, text, token.literal) : AFTER[token.run](reached, text);
    if (reached.length === 0) return false;
  }
  return reached.at(-1) === text.length;
}

/** Searches each occurrence once, however many ranges there are. */
function afterLiteral(reached: Reached, text: string, literal: string): Reached {
  const next: number[] = [];
  let found = -1;
  for (let run = 0; run < reached.length; run += 2) {
    const [from, to] = [reached[run]!, reached[run + 1]!];
    if (found < from) found = text.indexOf(literal, from);
    for (; found >= 0 && found <= to; found = text.indexOf(literal, found + 1)) {
      add(next, found + literal.length, found + literal.length);
    }
    if (found < 0) break;
  }
  return next;
}

const AFTER = { segment: afterSegment, any: afterAny, folders: afterFolders } as const;

function afterSegment(reached: Reached, text: string): Reached {
  const next: number[] = [];
  for (let run = 0; run < reached.length; run += 2) {
    const [from, to] = [reached[run]!, reached[run + 1]!];
    if (to > (next.at(-1) ?? -1)) add(next, from, slashFrom(text, to) ?? text.length);
  }
  return next;
}

function afterAny([first]: Reached, text: string): Reached {
  return [first!, text.length];
}

/** The token before it ends at the start of a folder, so everything reached so far is such a place. */
function afterFolders([first]: Reached, text: string): Reached {
  const next = [first!, first!];
  for (let slash = slashFrom(text, first!); slash !== undefined; slash = slashFrom(text, slash + 1)) {
    add(next, slash + 1, slash + 1);
  }
  return next;
}

function slashFrom(text: string, at: number): number | undefined {
  const slash = text.indexOf('/', at);
  return slash < 0 ? undefined : slash;
}

function add(runs: number[], from: number, to: number): void {
  if (runs.length > 0 && from <= runs.at(-1)! + 1) runs[runs.length - 1] = Math.max(to, runs.at(-1)!);
  else runs.push(from, to);
}

/** What a pattern matches. Literals stand for themselves; there are no escapes, classes or alternatives. */
export interface Glob {
  /** Up to the first star: most texts are refused by it alone. */
  readonly prefix: string;
  matches(text: string): boolean;
}

type Token = { readonly literal: string } | { readonly run: 'segment' | 'any' | 'folders' };

/**
 * `*` is any run of characters without `/`, `**` any run at all, and `**` followed by `/` where a segment begins any number of whole folders, also none.
 * Never a RegExp: a pattern is a stranger's text, and the time this takes is at most length of pattern × length of text (rule 5.6).
 */
export function compileGlob(pattern: string): Glob {
  const tokens = tokensOf(pattern);
  const [first] = tokens;
  const prefix = first !== undefined && 'literal' in first ? first.literal : '';
  if (tokens.length === 0 || (tokens.length === 1 && prefix !== '')) return { prefix, matches: text => text === pattern };
  return { prefix, matches: text => text.startsWith(prefix) && matchesWhole(tokens, text) };
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

/** Which lengths of the text the tokens so far can have eaten, all at once: nothing is tried twice. */
function matchesWhole(tokens: readonly Token[], text: string): boolean {
  let reached = new Uint8Array(text.length + 1);
  reached[0] = 1;
  for (const token of tokens) reached = 'literal' in token ? afterLiteral(reached, text, token.literal) : afterRun(reached, text, token.run);
  return reached[text.length] === 1;
}

function afterLiteral(reached: Uint8Array, text: string, literal: string): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(reached.length);
  for (let at = 0; at + literal.length <= text.length; at++) {
    if (reached[at] === 1 && text.startsWith(literal, at)) next[at + literal.length] = 1;
  }
  return next;
}

function afterRun(reached: Uint8Array, text: string, run: 'segment' | 'any' | 'folders'): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(reached.length);
  let isRunning = false;
  for (let at = 0; at < reached.length; at++) {
    if (run === 'segment' && text[at - 1] === '/') isRunning = false;
    const mayEnd = run !== 'folders' || text[at - 1] === '/';
    if (reached[at] === 1 || (isRunning && mayEnd)) next[at] = 1;
    if (reached[at] === 1) isRunning = true;
  }
  return next;
}

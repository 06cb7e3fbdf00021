import { CST, Lexer } from 'yaml';
import type { WaiverProblem } from './problem';

const MAX_DEPTH = 16;
const MAX_INDENT = 64;
/**
 * A file of the largest size that people write has two thirds of it. Without the limit, a mebibyte of `[]` on
 * lines of their own takes the parser 8.5 s and 1.0 GB; with it, a third.
 */
const MAX_TOKENS = 300_000;

/**
 * YAML's ways to say one thing in another place, or as another type. Nobody needs them for a list, and they
 * are how a small file becomes a large one.
 */
const REFUSED: Partial<Record<CST.TokenType, string>> = {
  anchor: 'an anchor (&)',
  alias: 'an alias (*)',
  tag: 'a tag (!)',
  'directive-line': 'a directive (%)',
};

/**
 * What is refused of YAML. Read from the tokens, before anything is built of them: the parser refuses nesting
 * only once its stack is used up, at about 850 levels, and when a regular expression is first compiled there
 * Node ends the whole process. No `catch` helps. With `yaml` 2.9.1 that is how a loop over
 * `parseDocument('['.repeat(depth))` from 17 to 20,000 levels ends.
 */
export function refusedTokens(
  source: string,
  problem: (offset: number, message: string) => WaiverProblem,
): WaiverProblem[] {
  const problems: WaiverProblem[] = [];
  const depth = { flow: 0, line: 0 };
  let tokens = 0;
  for (const { type, offset, length } of tokensOf(source)) {
    tokens += 1;
    deepen(depth, type);
    const isIndented = type === 'space' && source[offset - 1] === '\n' && length > MAX_INDENT;
    if (depth.flow > MAX_DEPTH || depth.line > MAX_DEPTH || isIndented) {
      return [
        ...problems,
        problem(
          offset,
          `nested too deep, allowed: ${MAX_DEPTH} levels and ${MAX_INDENT} columns of indentation`,
        ),
      ];
    }
    if (tokens > MAX_TOKENS) {
      return [...problems, problem(offset, `too many entries, allowed: ${MAX_TOKENS} marks and values`)];
    }

    const refused = type === undefined ? undefined : REFUSED[type];
    if (refused !== undefined) {
      const remedy = 'write it out, and put a text that begins with such a mark in quotes';
      problems.push(
        problem(offset, `${refused} is not read here, allowed: plain maps, lists and texts; ${remedy}`),
      );
    }
  }
  return problems;
}

interface Token {
  /** Undefined: the text of a scalar, which can look like any mark. */
  readonly type?: CST.TokenType;
  readonly offset: number;
  readonly length: number;
}

/** The lexer puts marks of its own between the pieces of the text: they take no room. */
function* tokensOf(source: string): Generator<Token, void> {
  let offset = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(source)) {
    const type = CST.tokenType(token);
    if (type === 'doc-mode' || type === 'flow-error-end') continue;
    if (type === 'scalar') {
      isScalar = true;
      continue;
    }
    yield { ...(!isScalar && type !== null && { type }), offset, length: token.length };
    isScalar = false;
    offset += token.length;
  }
}

/**
 * Brackets nest until they close, dashes and colons on one line until it ends; what is nested over lines has
 * to be indented.
 */
function deepen(depth: { flow: number; line: number }, type: CST.TokenType | undefined): void {
  switch (type) {
    case 'newline':
      depth.line = 0;
      break;
    case 'flow-map-start':
    case 'flow-seq-start':
      depth.flow += 1;
      break;
    case 'flow-map-end':
    case 'flow-seq-end':
      depth.flow -= 1;
      break;
    case 'seq-item-ind':
    case 'explicit-key-ind':
    case 'map-value-ind':
      if (depth.flow === 0) depth.line += 1;
      break;
  }
}

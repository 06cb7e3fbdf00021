import { CST, Lexer } from 'yaml';
import type { WaiverProblem } from './problem';
import { failed, ok, type Result } from '../result';

const MAX_DEPTH = 16;
const MAX_INDENT = 64;
/**
 * The largest files that people write have two thirds of it. Without the limit, one mebibyte of `[]`, each
 * on its own line, takes the parser 8.5 s and 1.0 GB; with it, a third.
 */
const MAX_TOKENS = 300_000;

/**
 * YAML's references and types. A list needs none of them, and with them a small file can become a large
 * value.
 */
const REFUSED: Partial<Record<CST.TokenType, string>> = {
  anchor: 'an anchor (&)',
  alias: 'an alias (*)',
  tag: 'a tag (!)',
  'directive-line': 'a directive (%)',
};

/**
 * The tokens of a text, or what is refused in YAML: found before a parser builds anything from them. The
 * parser itself refuses nesting only when its stack is used up, at about 850 levels. If a regular expression
 * is first compiled there, Node ends the whole process, and no `catch` helps. With `yaml` 2.9.1 a loop over
 * `parseDocument('['.repeat(depth))` from 17 to 20,000 levels ends that way.
 */
export function readTokens(
  source: string,
  problem: (offset: number, message: string) => WaiverProblem,
): Result<readonly string[], WaiverProblem[]> {
  const lexemes: string[] = [];
  const problems: WaiverProblem[] = [];
  const depth = { flow: 0, line: 0 };
  let tokens = 0;
  for (const { type, offset, length } of tokensOf(source, lexemes)) {
    tokens += 1;
    deepen(depth, type);
    const isIndented = type === 'space' && source[offset - 1] === '\n' && length > MAX_INDENT;
    if (depth.flow > MAX_DEPTH || depth.line > MAX_DEPTH || isIndented) {
      return failed([
        ...problems,
        problem(
          offset,
          `nested too deep, allowed: ${MAX_DEPTH} levels and ${MAX_INDENT} columns of indentation`,
        ),
      ]);
    }
    if (tokens > MAX_TOKENS) {
      return failed([
        ...problems,
        problem(offset, `too many entries, allowed: ${MAX_TOKENS} marks and values`),
      ]);
    }

    const refused = type === undefined ? undefined : REFUSED[type];
    if (refused !== undefined) {
      const remedy = 'write it out, and put a text that begins with such a mark in quotes';
      problems.push(
        problem(offset, `${refused} is not read here, allowed: plain maps, lists and texts; ${remedy}`),
      );
    }
  }
  return problems.length > 0 ? failed(problems) : ok(lexemes);
}

interface Token {
  /** Undefined for the text of a scalar, which can look like any mark. */
  readonly type?: CST.TokenType;
  readonly offset: number;
  readonly length: number;
}

/** Adds each to `lexemes`. The lexer puts its own marks between pieces of the text: they have no length. */
function* tokensOf(source: string, lexemes: string[]): Generator<Token, void> {
  let offset = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(source)) {
    lexemes.push(token);
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
 * Brackets nest until they close, dashes and colons until the line ends. Nesting over lines needs
 * indentation.
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

import { Composer, isMap, isScalar, isSeq, Parser, type Document, type Pair, type ParsedNode } from 'yaml';
import { plainText, quoted } from './plain-text';
import type { Position, WaiverProblem } from './problem';
import { readTokens } from './yaml-tokens';
import { failed, ok, type Result } from '../result';

export interface TextDocument {
  readonly value: unknown;
  /** The position of a key or a list element; if it is missing, of the map or list that lacks it. */
  at(path: readonly PropertyKey[]): Position;
  /** Whether the value is a text in quotes, or a block of text: to readers with types it is no date then. */
  isQuoted(path: readonly PropertyKey[]): boolean;
}

/** Problems of the text itself. A file with more was not written by hand. */
const MAX_PROBLEMS = 1_000;

/** `doubleKeys` finds duplicate keys: the parser would compare each key with each other. */
const OPTIONS = {
  schema: 'core',
  merge: false,
  stringKeys: true,
  uniqueKeys: false,
  resolveKnownTags: false,
  prettyErrors: false,
} as const;

/** One YAML document of maps, lists and scalars, or everything that is wrong with its text. */
export function readYaml(
  text: string,
  file: string,
  maxBytes: number,
): Result<TextDocument, WaiverProblem[]> {
  const source = text.replace(/^\ufeff/, '');
  const lines = lineStarts(source);
  const positionOf = (offset: number) => position(lines, offset);
  const problem = (offset: number, message: string): WaiverProblem => ({
    file,
    ...positionOf(offset),
    message,
  });

  const bytes = new TextEncoder().encode(text).length;
  if (bytes > maxBytes) return failed([problem(0, `the file has ${bytes} bytes, allowed: ${maxBytes}`)]);
  const odd = UNREADABLE.exec(source);
  if (odd !== null) return failed([problem(odd.index, unreadable(odd[0]))]);
  const tokens = readTokens(source, problem);
  if (!tokens.ok) return failed(tokens.error.slice(0, MAX_PROBLEMS));

  const [document, another] = compose(tokens.value, source.length);
  const wrong = [...document.errors, ...document.warnings]
    .slice(0, MAX_PROBLEMS)
    .map(error => problem(error.pos[0], `not YAML: ${plainText(error.message, 200)}`));
  if (wrong.length > 0) return failed(wrong);
  if (another !== undefined) {
    return failed([problem(another.range[0], 'a second document begins here, allowed: one; take it out')]);
  }
  const doubles = doubleKeys(document.contents, problem);
  if (doubles.length > 0) return failed(doubles);
  const find = finder(document.contents);
  return ok({
    value: document.toJS() as unknown,
    at: path => positionOf(find(path).offset),
    isQuoted: path => {
      const { node } = find(path);
      return isScalar(node) && node.type !== 'PLAIN';
    },
  });
}

/** As `parseDocument` of `yaml` does it, which would cut the text into tokens once more. */
function compose(
  tokens: readonly string[],
  length: number,
): [Document.Parsed<ParsedNode>, Document.Parsed<ParsedNode> | undefined] {
  const parser = new Parser();
  function* parsed() {
    for (const token of tokens) yield* parser.next(token);
    yield* parser.end();
  }
  const { stackTraceLimit } = Error;
  // it makes an error of everything that is wrong, and most of the time would go into their stack traces
  Error.stackTraceLimit = 0;
  try {
    const documents = new Composer(OPTIONS).compose(parsed(), true, length);
    // at the end of the text it composes one at the latest
    const first = documents.next().value as Document.Parsed<ParsedNode>;
    const second = documents.next();
    return [first, second.done === true ? undefined : (second.value as Document.Parsed<ParsedNode>)];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What is invisible, or what readers of YAML take for different things. */
const UNREADABLE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0085\u2028\u2029\ufeff]|\r(?!\n)/;

function unreadable(character: string): string {
  const code = `U+${hex(character)}`;
  if (character === '\ufeff') {
    return `a byte-order mark (${code}), allowed: one, at the beginning of the file; take it out`;
  }
  return /[\u0085\u2028\u2029]/.test(character)
    ? `a line separator (${code}), at which only some readers of YAML begin a line, allowed: line feeds; take it out`
    : `a control character (${code}), allowed: line feeds and tabs; take it out`;
}

/** Readers of YAML disagree whether the first or the last of two equal keys counts. */
function doubleKeys(
  node: ParsedNode | null,
  problem: (offset: number, message: string) => WaiverProblem,
): WaiverProblem[] {
  if (isSeq<ParsedNode>(node)) return node.items.flatMap(item => doubleKeys(item, problem));
  if (!isMap<ParsedNode, ParsedNode | null>(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap(({ key, value }) => {
    const name = nameOf(key);
    const isDouble = seen.has(name);
    seen.add(name);
    const inside = doubleKeys(value, problem);
    return isDouble
      ? [problem(key.range[0], `the key ${quoted(name, 80)} stands twice, allowed: once`), ...inside]
      : inside;
  });
}

type Table = ReadonlyMap<PropertyKey, Pair<ParsedNode, ParsedNode | null>>;

interface Found {
  /** Of the key, or of the element of the list. */
  readonly offset: number;
  /** The value; absent if there is none. */
  readonly node?: ParsedNode | null;
}

/** Keeps a table of keys for each map: a file may have as many problems as keys. */
function finder(root: ParsedNode | null): (path: readonly PropertyKey[]) => Found {
  const tables = new Map<ParsedNode, Table>();
  return path => {
    let node: ParsedNode | null | undefined = root;
    let offset = root?.range[0] ?? 0;
    for (const step of path) {
      if (isMap<ParsedNode, ParsedNode | null>(node)) {
        const table: Table = tables.get(node) ?? new Map(node.items.map(pair => [nameOf(pair.key), pair]));
        tables.set(node, table);
        const pair = table.get(step);
        if (pair === undefined) return { offset };
        offset = pair.key.range[0];
        node = pair.value;
      } else {
        node = isSeq<ParsedNode>(node) ? node.items[Number(step)] : undefined;
        if (node === undefined) return { offset };
        offset = node.range[0];
      }
    }
    return { offset, node };
  };
}

function nameOf(key: ParsedNode): string {
  return isScalar(key) ? String(key.value) : '';
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function position(lines: readonly number[], offset: number): Position {
  let low = 0;
  for (let high = lines.length - 1; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if (lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - lines[low]! + 1 };
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}

/** JSON as it is written: with keys that stand twice, numbers that are none, and keys that are escaped. */
export type Written = Literal | Written[] | Members;

/** A text, a number, `true`, `false` or `null`, as it stands in the document. */
export class Literal {
  constructor(public readonly text: string) {}
}

/** Keys are what stands between their quotes. */
export class Members {
  constructor(public readonly pairs: [string, Written][]) {}
}

export function written(value: unknown): Written {
  if (Array.isArray(value)) return value.map(written);
  if (typeof value === 'object' && value !== null) {
    return new Members(
      Object.entries(value).map(([key, member]) => [quoted(key).slice(1, -1), written(member)]),
    );
  }
  return new Literal(JSON.stringify(value));
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}

export function textOf(node: Written): string {
  if (node instanceof Literal) return node.text;
  if (Array.isArray(node)) return `[${node.map(textOf).join(',')}]`;
  return `{${node.pairs.map(([key, member]) => `"${key}":${textOf(member)}`).join(',')}}`;
}

const TOKEN = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s[\]{},:"]+)/gs;

/**
 * A reader of its own, so that the tests do not believe the parser that they test: it keeps every member,
 * takes any word for a literal, and gives up only where brackets do not match. `undefined`: nobody can read
 * this.
 */
export function readWritten(text: string): Written | undefined {
  const tokens = Array.from(text.matchAll(TOKEN), ([, token]) => token!);
  let at = 0;
  const node = (): Written => {
    const token = tokens[at++];
    if (token === undefined) throw new Error('it is cut off');
    if (token === '[') return elements();
    if (token === '{') return members();
    if (/^[\]},:]$/.test(token)) throw new Error(`nobody expects ${token}`);
    return new Literal(token);
  };
  const elements = (): Written[] => {
    const list: Written[] = [];
    while (tokens[at] !== ']') {
      list.push(node());
      if (tokens[at] === ',') at++;
    }
    at++;
    return list;
  };
  const members = (): Members => {
    const pairs: [string, Written][] = [];
    while (tokens[at] !== '}') {
      const key = node();
      if (!(key instanceof Literal) || tokens[at++] !== ':') throw new Error('a member without a key');
      pairs.push([key.text.replace(/^"|"$/g, ''), node()]);
      if (tokens[at] === ',') at++;
    }
    at++;
    return new Members(pairs);
  };
  try {
    return node();
  } catch {
    return undefined;
  }
}

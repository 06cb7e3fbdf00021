/** `undefined` if the text is not JSON: the schema that reads it next refuses that too. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * JSON that every reader reads alike, or `undefined`. Registries, runtimes and Trivy are written in Go,
 * whose decoder accepts `Layers` as `layers`, and `diff_id\u017f` as `diff_ids`. If a key is there twice,
 * some readers take the first, some the last, some both. A document could use this to show us one image and
 * run another. `names`: the keys that are read.
 */
export function parseUnambiguousJson(text: string, names: readonly string[]): unknown {
  const document = parseJson(text);
  const known = new Map(names.map(name => [folded(name), name]));
  let pairs = 0;
  for (const rest: unknown[] = [document]; rest.length > 0;) {
    const value = rest.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (const element of value) rest.push(element);
      continue;
    }
    for (const [key, member] of Object.entries(value)) {
      if ((known.get(folded(key)) ?? key) !== key) return undefined;
      pairs += 1;
      rest.push(member);
    }
  }
  return pairs === writtenPairs(text) ? document : undefined;
}

/**
 * As Go's `encoding/json` compares keys: by simple case folding. The long s is an s, the Kelvin sign is a
 * k.
 */
export function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}

/**
 * Counts the keys of JSON as they are written: the texts before a colon, including keys that `JSON.parse`
 * dropped. It jumps from quote to quote with `indexOf`, since a look at each character takes four times as
 * long.
 */
export function writtenPairs(json: string): number {
  let pairs = 0;
  let at = 0;
  for (let open = json.indexOf('"'); open >= 0; open = json.indexOf('"', at)) {
    at = endOfText(json, open + 1);
    while (isSpace(json.charCodeAt(at))) at += 1;
    if (json.charCodeAt(at) === COLON) pairs += 1;
  }
  return pairs;
}

const [COLON, BACKSLASH] = [0x3a, 0x5c];

/** Behind the quote that ends a text: the next one that no backslash escapes. */
function endOfText(json: string, from: number): number {
  for (let quote = json.indexOf('"', from); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (json.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  return json.length;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

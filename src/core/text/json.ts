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

/** Counts colons outside of strings: one for each key, including keys that `JSON.parse` dropped. */
export function writtenPairs(json: string): number {
  let pairs = 0;
  let isString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') isString = !isString;
    else if (isString && character === '\\') at += 1;
    else if (!isString && character === ':') pairs += 1;
  }
  return pairs;
}

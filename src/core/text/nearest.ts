/** The name that needs the fewest changes of one letter each to become the given one. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map(name => ({ name, changes: changesBetween(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return best?.name;
}

/** How many letters are added, left out or replaced: Levenshtein's distance. */
export function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    row = [...b].reduce(
      (next, other, j) => [
        ...next,
        Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)),
      ],
      [i + 1],
    );
  }
  return row[b.length]!;
}

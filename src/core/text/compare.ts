/** Orders texts by their characters, the same on every machine: `localeCompare` depends on the language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

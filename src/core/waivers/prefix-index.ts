/**
 * Values by prefix. Finding those whose prefix begins a text takes one look-up for each length of a prefix,
 * however many values there are.
 */
export class PrefixIndex<Value> {
  private readonly values = new Map<string, Value[]>();
  private readonly lengths = new Set<number>();

  add(prefix: string, value: Value): void {
    const others = this.values.get(prefix);
    if (others === undefined) this.values.set(prefix, [value]);
    else others.push(value);
    this.lengths.add(prefix.length);
  }

  *beginningOf(text: string): Generator<Value, void> {
    for (const length of this.lengths) {
      if (length <= text.length) yield* this.values.get(text.slice(0, length)) ?? [];
    }
  }
}

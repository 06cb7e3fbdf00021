import type { Instruction } from './instruction';
import { expand, Expanded, Lookup, splitWords } from './words';

export interface Variable {
  /** As it is written. */
  readonly key: string;
  /** As it is written; `undefined` for an ARG without a default. */
  readonly value?: string;
  /** Where it begins in the instruction's text. */
  readonly offset: number;
}

/** A variable with the name that it gets: quotes drop out of it, and it may be made of other variables. */
export interface Declared extends Variable {
  readonly name: Expanded;
}

/** What an ARG, an ENV or a LABEL sets. */
function variablesOf({ name, args, offset }: Instruction, escape: string): Variable[] {
  if (name !== 'ARG' && name !== 'ENV' && name !== 'LABEL') return [];
  const { words } = splitWords(args, escape);
  if (name !== 'ARG' && words[0] !== undefined && !words[0].raw.includes('=')) {
    // the old form: ENV name value
    const [, key, value] = /^([^\t\v\f\r ]*)[\t\v\f\r ]*(.*)$/s.exec(args)!;
    return [{ key: key!, value: value!, offset }];
  }
  return words.map(({ raw, offset: at }) => {
    const equals = raw.indexOf('=');
    return equals < 0
      ? { key: raw, offset: offset + at }
      : { key: raw.slice(0, equals), value: raw.slice(equals + 1), offset: offset + at };
  });
}

/** The values of a stage's variables as its instructions go by. What only the build knows has none. */
export class Scope {
  private readonly values: Map<string, string>;
  private readonly environment: Set<string>;

  constructor(
    private readonly escape: string,
    private readonly globals?: Scope,
    parent?: Scope,
  ) {
    this.values = new Map(parent?.values);
    this.environment = new Set(parent?.environment);
  }

  public readonly lookup: Lookup = name => this.values.get(name);

  public declare(instruction: Instruction): Declared[] {
    if (instruction.name !== 'ARG' && instruction.name !== 'ENV') return [];
    const before = new Map(this.values); // ENV a=1 b=$a takes the a from before
    const lookup: Lookup = name => before.get(name);
    const declared = variablesOf(instruction, this.escape).map(variable => ({
      ...variable,
      name: expand(variable.key, lookup, this.escape),
    }));
    for (const {
      name: { text: key, unknown },
      value,
    } of declared) {
      if (unknown.length > 0) continue; // any of them: the check of secrets tells that nobody knows
      if (instruction.name === 'ENV') this.environment.add(key);
      else if (this.environment.has(key)) continue; // ENV wins over ARG, wherever it stands
      this.set(key, value === undefined ? this.globals?.lookup(key) : this.known(value, before));
    }
    return declared;
  }

  private set(key: string, value: string | undefined): void {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
  }

  /** A value made of one that only the build knows is not known either. */
  private known(value: string, before: ReadonlyMap<string, string>): string | undefined {
    const { text, unknown } = expand(value, name => before.get(name), this.escape);
    return unknown.length === 0 ? text : undefined;
  }
}

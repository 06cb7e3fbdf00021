import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { changesBetween, nearest } from '../core/text/nearest';

/** A class. One with a private constructor is no `new () => T`. */
interface Class<T> {
  readonly prototype: T;
}

/** What is no class: a text, an enum, an interface. */
export interface Shape<T> {
  readonly type?: T;
  has(value: unknown): boolean;
}

type Kind<T> = Class<T> | Shape<T>;

/** A kind in brackets stands for a list. */
type KindOrList<T> = Kind<T> | readonly [Kind<T>];

/** A text. A token is one. @internal */
export const TEXT: Shape<string> = { has: value => typeof value === 'string' };

/** One of the values of an enum. @internal */
export function oneOf<T extends string>(values: Readonly<Record<string, T>>): Shape<T> {
  return { has: value => Object.values(values).includes(value as T) };
}

/** What has these members. Without any, it is an object. @internal */
export function having<T>(...members: readonly (keyof T)[]): Shape<T> {
  return {
    has: value => typeof value === 'object' && value !== null && members.every(member => member in value),
  };
}

/** An object whose own properties are checked with it. @internal */
export function checked<T extends object>(owner: string, properties: Properties<T>): Shape<T> {
  return {
    has: value => {
      checkProperties(owner, value as T, properties);
      return true;
    },
  };
}

interface Unchecked<R extends boolean> {
  readonly isRequired: R;
}

export interface Property<T, R extends boolean> extends Unchecked<R> {
  readonly kind: KindOrList<T>;
  readonly allowed: string;
}

type ElementOf<T> = T extends readonly (infer E)[] ? E : T;

/** The CDK and CloudFormation say what is wrong with a simple value. Any other needs a kind. */
type PropertyOf<T, R extends boolean> =
  | Property<ElementOf<T>, R>
  | ([T] extends [string | number | boolean] ? Unchecked<R> : never);

/**
 * The properties of an interface: which there are and which are required. The compiler holds it against the
 * interface, so that both have the same.
 *
 * @internal
 */
export type Properties<T> = {
  readonly [K in keyof T]-?: PropertyOf<NonNullable<T[K]>, object extends Pick<T, K> ? false : true>;
};

/**
 * A property that must be given.
 *
 * @param kind what it takes; in brackets, what each of its elements is
 * @param allowed what it is called, and how to get one
 * @internal
 */
export function required(): Unchecked<true>;
export function required<T>(kind: KindOrList<T>, allowed: string): Property<T, true>;
export function required<T>(kind?: KindOrList<T>, allowed?: string): Unchecked<true> {
  return { isRequired: true, ...(kind !== undefined && { kind, allowed }) };
}

/** A property that may be left out. @internal */
export function optional(): Unchecked<false>;
export function optional<T>(kind: KindOrList<T>, allowed: string): Property<T, false>;
export function optional<T>(kind?: KindOrList<T>, allowed?: string): Unchecked<false> {
  return { isRequired: false, ...(kind !== undefined && { kind, allowed }) };
}

/** A name that differs by so many letters from a known one is a misspelling. */
const MISSPELT = 2;

/**
 * Throws for a property that does not exist, for one that is missing, and for one of another kind. The
 * compiler of TypeScript finds most of these itself; JavaScript has none, and a misspelt option would change
 * nothing.
 *
 * @param isExtended the interface has properties of the CDK too, whose names grow with its releases: only a
 * misspelling is refused
 * @internal
 */
export function checkProperties<T extends object>(
  owner: string,
  given: T,
  properties: Properties<T>,
  isExtended = false,
): void {
  const known = Object.keys(properties).sort();
  const table = properties as Readonly<
    Record<string, Unchecked<boolean> & Partial<Property<unknown, boolean>>>
  >;
  const values = readable(owner, given, known);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = nearest(name, known)!;
    if (isExtended && changesBetween(name, meant) > MISSPELT) continue;
    const hint = isNear(name, meant) ? `, did you mean ${JSON.stringify(meant)}?` : missingIn(values, table);
    throw new Error(`${owner} has no property ${JSON.stringify(name)}${hint} allowed: ${known.join(', ')}`);
  }
  for (const [name, { isRequired, kind, allowed }] of Object.entries(table)) {
    const value = values[name];
    if (value === undefined && isRequired) {
      throw new Error(
        `${owner} needs the property ${JSON.stringify(name)}, which is missing${allowed === undefined ? '' : `, allowed: ${allowed}`}`,
      );
    }
    const wrong = value === undefined || kind === undefined ? undefined : wrongIn(value, kind);
    if (wrong !== undefined) {
      throw new Error(`the property ${JSON.stringify(name)} of ${owner} is ${wrong}, allowed: ${allowed}`);
    }
  }
}

/** Throws if what a method takes is of another kind. @internal */
export function checkIs<T>(value: unknown, kind: Class<T> | Shape<T>, owner: string, allowed: string): void {
  if (isOf(value, kind)) return;
  throw new Error(`${owner} got ${shown(value)}, allowed: ${allowed}`);
}

/** Those values that a construct takes, of the values of a construct around it. @internal */
export function only<T>(properties: Properties<T>, values: T): T {
  return Object.fromEntries(Object.entries(values as object).filter(([name]) => name in properties)) as T;
}

/** `undefined` has no properties. */
function readable(
  owner: string,
  given: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null) return {};
  if (typeof given === 'object' && !Array.isArray(given) && !Construct.isConstruct(given)) {
    return given as Record<string, unknown>;
  }
  throw new Error(`${owner} is ${shown(given)}, allowed: an object with ${known.join(', ')}`);
}

function isNear(given: string, known: string): boolean {
  const [one, other] = [given.toLowerCase(), known.toLowerCase()];
  const most = Math.max(MISSPELT, Math.floor(given.length / 3));
  return other.endsWith(one) || changesBetween(one, other) <= most;
}

/** Who guessed the name of a property has often left out the one that is needed. */
function missingIn(
  values: Readonly<Record<string, unknown>>,
  table: Readonly<Record<string, Unchecked<boolean> & { readonly allowed?: string }>>,
): string {
  const [missing] = Object.entries(table).filter(
    ([name, { isRequired }]) => isRequired && values[name] === undefined,
  );
  if (missing === undefined) return ';';
  const [name, { allowed }] = missing;
  return `, and needs ${JSON.stringify(name)}${allowed === undefined ? '' : ` (${allowed})`};`;
}

/** What of a value is of another kind. */
function wrongIn(value: unknown, kind: KindOrList<unknown>): string | undefined {
  if (!isList(kind)) return isOf(value, kind) ? undefined : shown(value);
  if (!Array.isArray(value)) return `${shown(value)}, which is no list`;
  const at = value.findIndex(each => !isOf(each, kind[0]));
  return at < 0 ? undefined : `a list with ${shown(value[at])}`;
}

function isList(kind: KindOrList<unknown>): kind is readonly [Kind<unknown>] {
  return Array.isArray(kind);
}

/** A class by its methods: there may be two copies of this library. */
function isOf(value: unknown, kind: Kind<unknown>): boolean {
  if (!('prototype' in kind)) return kind.has(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.getOwnPropertyNames(kind.prototype).every(method => method in value);
}

/** A value, for messages. @internal */
export function shown(value: unknown): string {
  if (Token.isUnresolved(value)) return 'a token';
  if (Construct.isConstruct(value)) return `the construct ${value.node.path}`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return `the function ${value.name}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  return 'an object';
}

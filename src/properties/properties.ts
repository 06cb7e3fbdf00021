import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { changesBetween, nearest } from '../core/text/nearest';

/** A class. One with a private constructor is no `new () => T`. */
interface Kind<T> {
  readonly prototype: T;
}

/** A class in brackets stands for a list. */
type KindOrList<T> = Kind<T> | readonly [Kind<T>];

interface Property<T, R extends boolean> {
  readonly isRequired: R;
  readonly kind?: KindOrList<T>;
  readonly allowed?: string;
}

type ElementOf<T> = T extends readonly (infer E)[] ? E : T;

/**
 * The properties of an interface: which there are and which are required. The compiler holds it against the
 * interface, so that both have the same.
 *
 * @internal
 */
export type Properties<T> = {
  readonly [K in keyof T]-?: Property<ElementOf<NonNullable<T[K]>>, object extends Pick<T, K> ? false : true>;
};

/**
 * A property that must be given.
 *
 * @param kind the class of this library that it takes; in brackets, that each of its elements is of
 * @param allowed what it is called, and how to get one
 * @internal
 */
export function required(): Property<never, true>;
export function required<T>(kind: KindOrList<T>, allowed: string): Property<T, true>;
export function required<T>(kind?: KindOrList<T>, allowed?: string): Property<T, true> {
  return { isRequired: true, kind, allowed };
}

/** A property that may be left out. @internal */
export function optional(): Property<never, false>;
export function optional<T>(kind: KindOrList<T>, allowed: string): Property<T, false>;
export function optional<T>(kind?: KindOrList<T>, allowed?: string): Property<T, false> {
  return { isRequired: false, kind, allowed };
}

/** A name that differs by so much from a known one is a misspelling. */
const MISSPELT = 2;

/**
 * Throws for a property that does not exist, for one that is missing, and for one of another class. The
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
  const values = (given ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = nearest(name, known)!;
    if (isExtended && changesBetween(name, meant) > MISSPELT) continue;
    throw new Error(
      `${owner} has no property ${JSON.stringify(name)}, did you mean ${JSON.stringify(meant)}? allowed: ${known.join(', ')}`,
    );
  }
  for (const [name, { isRequired, kind, allowed }] of Object.entries<Property<unknown, boolean>>(
    properties,
  )) {
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

/** Those values that a construct takes, of the values of a construct around it. @internal */
export function only<T>(properties: Properties<T>, values: T): T {
  return Object.fromEntries(Object.entries(values as object).filter(([name]) => name in properties)) as T;
}

/** What of a value is of another class. */
function wrongIn(value: unknown, kind: KindOrList<unknown>): string | undefined {
  if (!Array.isArray(kind)) return isOf(value, kind as Kind<unknown>) ? undefined : shown(value);
  if (!Array.isArray(value)) return `${shown(value)}, which is no list`;
  const at = value.findIndex(each => !isOf(each, kind[0]));
  return at < 0 ? undefined : `a list with ${shown(value[at])}`;
}

/** By its methods: there may be two copies of this library. */
function isOf(value: unknown, { prototype }: Kind<unknown>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getOwnPropertyNames(prototype).every(method => method in value);
}

function shown(value: unknown): string {
  if (Token.isUnresolved(value)) return 'a token';
  if (Construct.isConstruct(value)) return `the construct ${value.node.path}`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  return 'an object';
}

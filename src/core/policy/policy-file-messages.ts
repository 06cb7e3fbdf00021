import type * as z from 'zod';
import { given, valueGiven } from '../text/problem';

/**
 * What Zod finds, in the form of all errors here: the key, the value, what is allowed. A schema that has its
 * own message keeps it.
 */
export function errorOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return `allowed: ${keysOf(issue.inst).join(', ')}`;
  const key = String(issue.path?.at(-1) ?? 'the document');
  const name =
    typeof issue.path?.at(-1) === 'number'
      ? `element ${Number(key) + 1} of ${String(issue.path.at(-2) ?? 'the list')}`
      : key;
  const allowed = allowedBy(issue);
  return allowed === undefined ? undefined : `${name} is ${valueGiven(inputOf(issue))}, allowed: ${allowed}`;
}

/** The same, where no position in a file shows which key is unknown. */
export function namedErrorOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return errorOf(issue);
  const keys = (issue.keys as string[]).map(key => given(key));
  return `unknown: ${keys.join(', ')}; ${errorOf(issue)!}`;
}

function allowedBy(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected as string] ?? `${issue.expected}`;
    case 'invalid_value':
      return (issue.values as unknown[])
        .map(value => (typeof value === 'string' ? value : String(value)))
        .join(', ');
    case 'too_small':
      return `${unitOf(issue.origin as string)} ${String(issue.minimum)} or more`.trim();
    case 'too_big':
      return `${unitOf(issue.origin as string)} ${String(issue.maximum)} or less`.trim();
    case 'invalid_format':
      return `a text that fits ${issue.pattern ?? String(issue.format)}`;
    case 'invalid_union':
      return allowedByUnion(issue);
    default:
      return undefined;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'nothing',
};

function unitOf(origin: string): string {
  return origin === 'string'
    ? 'a text of this many characters:'
    : origin === 'array'
      ? 'a list of this many elements:'
      : '';
}

/** In a union that one key tells apart: the values that the key may have. */
function allowedByUnion(issue: z.core.$ZodRawIssue): string | undefined {
  const { discriminator, inst } = issue as { discriminator?: string; inst?: unknown };
  const options = (inst as { _zod?: { propValues?: Record<string, Set<unknown>> } } | undefined)?._zod
    ?.propValues;
  const values = discriminator === undefined ? undefined : options?.[discriminator];
  return values === undefined ? undefined : [...values].map(String).join(', ');
}

/** The value of the key that tells the alternatives apart, which is what is wrong. */
function inputOf({ input, discriminator }: z.core.$ZodRawIssue & { discriminator?: string }): unknown {
  return discriminator !== undefined && typeof input === 'object' && input !== null
    ? (input as Record<string, unknown>)[discriminator]
    : input;
}

/** Keys that a map may have. */
function keysOf(schema: unknown): string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return shape === undefined ? [] : Object.keys(shape);
}

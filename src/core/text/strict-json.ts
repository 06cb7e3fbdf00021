import { folded, writtenPairs } from './json';
import { failed, ok, type Result } from '../result';

/** The part of a JSON Schema that says which keys are read, and where. */
export interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  /** The shape of values under arbitrary keys. */
  readonly additionalProperties?: Shape | boolean;
  readonly anyOf?: readonly Shape[];
}

const MIB = 1024 * 1024;
/** A smaller document takes less than 1 GB to parse, whatever it contains. */
const HARMLESS_BYTES = 16 * MIB;
/**
 * `{},` takes 3 bytes as text and about 90 when it is parsed: a document of 256 MiB would use all memory
 * and end the process.
 */
const MAX_CONTAINERS = 4_000_000;
const MAX_COMMAS = 32_000_000;

/**
 * JSON that can be read in one way only: every key once, and no key that differs from another only by case
 * (some readers accept `severity` as `Severity`, ours would ignore it). Of a document that says something
 * twice, a parser keeps one half, and only that half would be judged.
 */
export function readStrictJson(bytes: Uint8Array, keys: Keys): Result<unknown, string> {
  let document: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (bytes.length > HARMLESS_BYTES && hasTooManyMarks(text)) {
      return failed('has more lists, objects and members than are read');
    }
    document = JSON.parse(text);
  } catch (error) {
    return failed(`is not JSON: ${error instanceof Error ? error.name : 'unreadable'}`);
  }
  const kept = keptPairs(document, keys);
  if (kept === undefined) {
    return failed('has a key in another case than Trivy writes it, or __proto__ for a key');
  }
  return kept === writtenPairs(text) ? ok(document) : failed('has a key twice in one object');
}

/** Whether parsing could take more memory than there is. It would not fail then: the process would end. */
export function isTooIntricate(bytes: Uint8Array): boolean {
  return bytes.length > HARMLESS_BYTES && hasTooManyMarks(new TextDecoder().decode(bytes));
}

function hasTooManyMarks(text: string): boolean {
  const containers = countOf('{', text, MAX_CONTAINERS) + countOf('[', text, MAX_CONTAINERS);
  return containers > MAX_CONTAINERS || countOf(',', text, MAX_COMMAS) > MAX_COMMAS;
}

/** The keys that a schema reads, place by place. */
export class Keys {
  /** For places where no key is read. */
  private static readonly nowhere = new Keys({});

  /** The keys of elements, if the value is a list. */
  public readonly element: Keys;
  /** The keys of values under arbitrary keys; undefined if all keys are Trivy's. */
  private readonly others: Keys | undefined;
  /** Also remembers foreign keys: thousands of findings have the same few. */
  private readonly members = new Map<string, Keys>();
  private readonly folds = new Set<string>();

  constructor({ properties = {}, items, additionalProperties, anyOf = [] }: Shape) {
    for (const [key, shape] of Object.entries(properties)) {
      this.members.set(key, new Keys(shape));
      this.folds.add(folded(key));
    }
    this.element = items === undefined ? (Keys.nowhere ?? this) : new Keys(items);
    const others = typeof additionalProperties === 'object' ? new Keys(additionalProperties) : undefined;
    this.others = others ?? anyOf.map(shape => new Keys(shape).others).find(keys => keys !== undefined);
  }

  /** The keys below a member whose key is ours or remembered. */
  public known(key: string): Keys | undefined {
    return this.members.get(key);
  }

  /** The keys below any other member; `undefined` for a key that is not allowed here. */
  public met(key: string): Keys | undefined {
    // a parser keeps __proto__ as a member, but a copy of the object loses it
    if (key === '__proto__' || this.folds.has(folded(key))) return undefined;
    if (this.others !== undefined) return this.others;
    if (this.members.size < MAX_REMEMBERED) this.members.set(key, Keys.nowhere);
    return Keys.nowhere;
  }
}

const MAX_REMEMBERED = 500;

/** How many members a parser kept; `undefined` if one of them is not allowed. */
function keptPairs(document: unknown, keys: Keys): number | undefined {
  let pairs = 0;
  const rest: unknown[] = [document];
  const keysOfRest = [keys];
  while (rest.length > 0) {
    const value = rest.pop();
    const here = keysOfRest.pop()!;
    if (Array.isArray(value)) {
      for (const element of value) {
        if (typeof element !== 'object' || element === null) continue;
        rest.push(element);
        keysOfRest.push(here.element);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const key in value) {
        const keysOfMember = here.known(key) ?? here.met(key);
        if (keysOfMember === undefined) return undefined;
        pairs += 1;
        const member = (value as Record<string, unknown>)[key];
        if (typeof member !== 'object' || member === null) continue;
        rest.push(member);
        keysOfRest.push(keysOfMember);
      }
    }
  }
  return pairs;
}

/**
 * How many there are, or one more than the most: the rest would change nothing. Searches the text with
 * `indexOf`: a loop over the bytes takes three times as long.
 */
function countOf(mark: string, text: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0 && count <= most; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}

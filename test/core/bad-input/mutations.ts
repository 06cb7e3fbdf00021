import * as fc from 'fast-check';
import { Literal, Members, quoted, textOf, written, type Written } from './written';

/** Where something stands, `Results.[].Severity`: lists without their numbers. */
interface Place {
  readonly path: string;
  readonly node: Written;
  /** Of an element `0`: as a member, it is one of an object in its place. */
  readonly key: string;
  put(...nodes: Written[]): void;
  /** Members instead of this one; of a list, elements. */
  putMembers(...pairs: [string, Written][]): void;
}

type Change = (place: Place, seed: number) => void;

const literal = (text: string) => new Literal(text);
const pick = <T>(from: readonly T[], seed: number): T => from[seed % from.length]!;

const TYPES: readonly string[] = [
  'true',
  'false',
  '0',
  '-1',
  '""',
  '" "',
  '"text"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"constructor":null}',
  '"CRITICAL"',
  '"LOW"',
  '"PASS"',
  '"0"',
  '"root"',
];
const NUMBERS: readonly string[] = [
  '1e999',
  '-1e999',
  '-5',
  '11',
  '1e308',
  '9007199254740993',
  '-0',
  '0.1e-400',
  'NaN',
  '01',
  '0x10',
];
const WORDS: readonly string[] = [
  'NEGLIGIBLE',
  'critical',
  'Critical',
  'CRITICAL ',
  '\u0000CRITICAL',
  'C\u200bRITICAL',
  'NONE',
  '5',
  '__proto__',
  'constructor',
  'toString',
];
const HALVES: readonly string[] = ['"\\ud800"', '"\\udc00"', '"a\\udfff b"', '"\\ud800\\ud800"'];
const NULS: readonly string[] = ['"\\u0000"', '"a\\u0000b"', '"\\u001b[2J"', '"\\u202e"'];
const OTHERS: readonly string[] = ['null', '[]', '{}', '""', 'false', '0', '"LOW"', '1'];
const DECOYS: readonly string[] = [
  '{"Severity":"LOW"}',
  '{"Vulnerabilities":[],"Results":[],"EOSL":false}',
  '[]',
  'null',
  '{"V3Score":0.1}',
];

function otherCase(key: string, seed: number): string {
  const first = key.slice(0, 1);
  return pick(
    [
      key.toLowerCase(),
      key.toUpperCase(),
      (first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()) + key.slice(1),
      key.replace('s', 'ſ'),
      key.replace('S', 'ſ'),
      key.replace('k', 'K'),
    ],
    seed,
  );
}

function escaped(key: string): string {
  return `\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}`;
}

/** What is done to a place, by its name. */
export const CHANGES: Readonly<Record<string, Change>> = {
  remove: place => place.put(),
  null: place => place.put(literal('null')),
  empty: place =>
    place.put(
      Array.isArray(place.node) ? [] : place.node instanceof Members ? new Members([]) : literal('""'),
    ),
  type: (place, seed) => place.put(literal(pick(TYPES, seed))),
  number: (place, seed) => place.put(literal(pick(NUMBERS, seed))),
  word: (place, seed) => place.put(literal(quoted(pick(WORDS, seed)))),
  'half a character': (place, seed) => place.put(literal(pick(HALVES, seed))),
  NUL: (place, seed) => place.put(literal(pick(NULS, seed))),
  huge: (place, seed) => place.put(literal(quoted('x'.repeat(20_000 + (seed % 20_000))))),
  deep: (place, seed) =>
    place.put(literal('['.repeat(1000 + (seed % 1000)) + ']'.repeat(1000 + (seed % 1000)))),
  'twice, ours first': (place, seed) =>
    place.putMembers([place.key, place.node], [place.key, literal(pick(OTHERS, seed))]),
  'twice, ours last': (place, seed) =>
    place.putMembers([place.key, literal(pick(OTHERS, seed))], [place.key, place.node]),
  'twice, once escaped': (place, seed) =>
    place.putMembers([place.key, place.node], [escaped(place.key), literal(pick(OTHERS, seed))]),
  'other case': (place, seed) => place.putMembers([otherCase(place.key, seed), place.node]),
  'other case beside': (place, seed) =>
    place.putMembers([place.key, place.node], [otherCase(place.key, seed), literal(pick(OTHERS, seed))]),
  'other name': place => place.putMembers([`${place.key}s`, place.node]),
  '__proto__ beside': (place, seed) =>
    place.putMembers([place.key, place.node], ['__proto__', literal(pick(DECOYS, seed))]),
  'under __proto__': place => place.putMembers(['__proto__', new Members([[place.key, place.node]])]),
  'constructor beside': (place, seed) =>
    place.putMembers(
      [place.key, place.node],
      [pick(['constructor', 'prototype', 'toString', 'hasOwnProperty'], seed), literal(pick(DECOYS, seed))],
    ),
  'list for object': place =>
    place.put(
      place.node instanceof Members
        ? [place.node]
        : new Members(
            Array.isArray(place.node)
              ? place.node.map((each, at) => [String(at), each])
              : [['0', place.node]],
          ),
    ),
  'listed twice': place => place.put(place.node, place.node),
};

/** What is done to the bytes. */
export const DAMAGES: Readonly<Record<string, (bytes: Buffer, seed: number) => Buffer>> = {
  'byte order mark': bytes => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  'UTF-16': bytes => Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le'),
  'cut off': (bytes, seed) => bytes.subarray(0, seed % bytes.length),
  'no UTF-8': (bytes, seed) =>
    insert(
      bytes,
      seed,
      pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80]], seed),
    ),
  'NUL byte': (bytes, seed) => insert(bytes, seed, [0]),
  'other byte': (bytes, seed) => insert(bytes, seed, [Math.floor(seed / 256) % 128], 1),
  'another document behind': bytes => Buffer.concat([bytes, Buffer.from('{"Results":[]}')]),
  'a comma too many': bytes => Buffer.concat([bytes.subarray(0, -1), Buffer.from(',}')]),
};

function insert(bytes: Buffer, seed: number, inserted: readonly number[], instead = 0): Buffer {
  const at = seed % bytes.length;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at + instead)]);
}

export interface Mutation {
  readonly change: string;
  readonly place: number;
  readonly seed: number;
}
export interface Mutated {
  readonly bytes: Buffer;
  readonly at: readonly (readonly [change: string, path: string])[];
}

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  change: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...Object.keys(CHANGES)) },
    fc.constantFrom(...Object.keys(DAMAGES)),
  ),
  place: fc.nat(),
  seed: fc.nat(),
});

/** What judges can depend on: chosen more often than their share of the document. */
const DECISIVE = [
  /^(?:SchemaVersion|Artifact(?:Name|Type)|Results(?:\.\[\])?|Results\.\[\]\.(?:Target|Class|Type|MisconfSummary.*))$/,
  /^Results\.\[\]\.(?:Packages|Vulnerabilities|Secrets|Misconfigurations)(?:\.\[\])?$/,
  /\.\[\]\.(?:Name|Identifier.*|VulnerabilityID|PkgName|PkgIdentifier.*|CVSS.*|FixedVersion|Status|Severity|RuleID|ID|Type|StartLine)$/,
  /^Metadata(?:\.(?:OS|ImageID|ImageConfig)(?:\.(?:EOSL|Family|Name|config(?:\.User)?))?)?$/,
];

/**
 * The document with each of these done to it in turn. Damage to the bytes comes last, since nobody can look
 * for a place in them.
 */
export function mutate(document: unknown, changes: readonly Mutation[]): Mutated {
  const tree = written(document);
  const at: [string, string][] = [];
  for (const { change, place, seed } of changes.filter(each => each.change in CHANGES)) {
    const all = placesIn(tree);
    const decisive = all.filter(({ path }) => DECISIVE.some(places => places.test(path)));
    const from = seed % 4 === 0 || decisive.length === 0 ? all : decisive;
    if (from.length === 0) continue;
    const found = from[place % from.length]!;
    CHANGES[change]!(found, seed);
    at.push([change, found.path]);
  }
  let bytes = Buffer.from(textOf(tree));
  for (const { change, place, seed } of changes.filter(each => each.change in DAMAGES)) {
    bytes = Buffer.from(DAMAGES[change]!(bytes, place + seed));
    at.push([change, 'bytes']);
  }
  return { bytes, at };
}

export function placesIn(node: Written, path = ''): Place[] {
  const places: Place[] = [];
  if (Array.isArray(node)) {
    const here = step(path, '[]');
    for (const element of node) {
      const put = (...nodes: Written[]) => void node.splice(node.indexOf(element), 1, ...nodes);
      places.push(
        { path: here, node: element, key: '0', put, putMembers: (...pairs) => put(new Members(pairs)) },
        ...placesIn(element, here),
      );
    }
  } else if (node instanceof Members) {
    for (const pair of node.pairs) {
      const here = step(path, pair[0]);
      const putMembers = (...pairs: [string, Written][]) =>
        void node.pairs.splice(node.pairs.indexOf(pair), 1, ...pairs);
      const put = (...nodes: Written[]) =>
        putMembers(...nodes.map((each): [string, Written] => [pair[0], each]));
      places.push({ path: here, node: pair[1], key: pair[0], put, putMembers }, ...placesIn(pair[1], here));
    }
  }
  return places;
}

function step(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

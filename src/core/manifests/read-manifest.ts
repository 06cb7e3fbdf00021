import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
} from 'yaml';
import { unclear, type ManifestFinding } from './finding';
import { plainText } from '../text/plain-text';

/** Where a value is within a document. */
export type Path = readonly (string | number)[];

/** One object that `kubectl apply` would send. */
export interface KubernetesObject {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** `Deployment team/app`. */
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** The line of a part of it in its file, or of the nearest part around that. */
  lineOf(path: Path): number;
}

export interface ReadManifest {
  readonly objects: readonly KubernetesObject[];
  readonly problems: readonly ManifestFinding[];
}

/** Far more than any that people write. The API server takes 3 MiB in one request. */
export const LARGEST_MANIFEST = 8 * 1024 * 1024;
const MOST_ALIASES = 100;
/** Those that goyaml, which kubectl reads with, and this reader resolve to the same value. */
const TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => `tag:yaml.org,2002:${name}`),
);
/**
 * Where kubectl begins a line or a document and YAML does not. It cuts at each line that begins with `---`,
 * before YAML is read: `---#` is one, and some versions drop any text after it. A directive is then in a
 * document of its own, and does nothing.
 */
const CUT_BY_KUBECTL = /\r(?!\n)|[\u0085\u2028\u2029\uFEFF]|^---(?!$|[ \t]+(?:#|$))|^%/m;

/**
 * All objects of a file with YAML or JSON, read as kubectl reads it: YAML 1.1, several documents, lists of
 * objects. What kubectl would refuse, or what can be read in two ways, is a problem and not passed over.
 */
export function readManifest(file: string, bytes: Uint8Array): ReadManifest {
  const wrong = (line: number, message: string, remedy = 'correct it, so that kubectl accepts it') => ({
    objects: [],
    problems: [unclear('unreadable', file, line, message, remedy)],
  });
  if (bytes.length > LARGEST_MANIFEST) {
    return wrong(1, `it has ${bytes.length} bytes, allowed: ${LARGEST_MANIFEST}`, 'split it');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return wrong(1, 'it is not UTF-8', 'save it as UTF-8');
  }
  const cut = text.search(CUT_BY_KUBECTL);
  if (cut !== -1) {
    return wrong(
      text.slice(0, cut).split('\n').length,
      `kubectl begins a line or a document at ${shown(text.charAt(cut))}, and other programs do not`,
      'end lines with LF or CRLF, write --- on a line of its own, and leave out directives and the characters U+0085, U+2028, U+2029, U+FEFF',
    );
  }
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    lineCounter,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const problems: ManifestFinding[] = [];
  const objects: KubernetesObject[] = [];
  for (const document of 'empty' in documents ? [] : documents) {
    const lineAt = (offset: number) => Math.max(1, lineCounter.linePos(offset).line);
    const [error] = [...document.errors, ...document.warnings];
    if (error !== undefined) {
      problems.push(...wrong(lineAt(error.pos[0]), `not YAML: ${plainText(error.message, 200)}`).problems);
      continue;
    }
    const key = keyThatIsNoText(document);
    if (key !== undefined) {
      const remedy = 'correct it; a template has to be rendered first';
      problems.push(
        ...wrong(lineAt(key), 'a key is a map or a list, which kubectl refuses', remedy).problems,
      );
      continue;
    }
    const odd = whatKubectlReadsOtherwise(document);
    if (odd !== undefined) {
      problems.push(...wrong(lineAt(odd.offset), odd.message, odd.remedy).problems);
      continue;
    }
    let value: unknown;
    try {
      // as JSON, which is what is sent: a date becomes a text
      value = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MOST_ALIASES }) ?? null));
    } catch (caught) {
      const why = caught instanceof Error ? caught.message : String(caught);
      problems.push(...wrong(lineAt(document.range[0]), `not YAML: ${plainText(why, 200)}`).problems);
      continue;
    }
    if (value === null) continue; // `---` alone
    const lineOf = (path: Path) => lineAt(offsetOf(document, path));
    for (const each of withoutLists(value, [])) {
      const read = objectOf(file, each.value, each.path, lineOf);
      if ('kind' in read) objects.push(read);
      else problems.push(read.problem);
    }
  }
  return { objects, problems };
}

/** `{{ .Values.name }}` is a map in a map to YAML. */
function keyThatIsNoText(document: Document.Parsed): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) || isAlias(key)) return undefined;
      offset = (key as Node | null)?.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function shown(character: string): string {
  if (/[-%]/.test(character)) return `a line that begins with ${character}`;
  return `the character U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

interface Odd {
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

/** What has another value for kubectl, which merges where `<<` stands: over the keys before it. */
function whatKubectlReadsOtherwise(document: Document.Parsed): Odd | undefined {
  let odd: Odd | undefined;
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.tag === undefined || TAGS.has(node.tag)) return undefined;
      const message = `the tag ${plainText(node.tag, 100)} is not read alike by all, allowed: !!str, !!int, !!float, !!bool, !!null, !!map, !!seq`;
      odd = { offset: node.range?.[0] ?? 0, message, remedy: 'leave the tag out' };
      return visit.BREAK;
    },
    Pair: (at, { key }) => {
      // the first key of a map has nothing before it
      if (at === 0 || !isScalar(key) || key.type !== 'PLAIN' || key.source !== '<<') return undefined;
      const message = 'the merge key << stands after another key, which it replaces for kubectl only';
      odd = {
        offset: (key as Node).range?.[0] ?? 0,
        message,
        remedy: 'write << as the first key of its map',
      };
      return visit.BREAK;
    },
  });
  return odd;
}

interface Part {
  readonly value: unknown;
  readonly path: Path;
}

/**
 * A list of objects stands for its objects. kubectl takes everything with `items` for one, whatever its kind,
 * and sends nothing else of it. Those of a `PodList` leave out what they are.
 */
function withoutLists(value: unknown, path: Path): Part[] {
  if (typeof value !== 'object' || value === null) return [{ value, path }];
  const { apiVersion, kind, items } = value as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !Array.isArray(items)) return [{ value, path }];
  const implied =
    kind === 'List' || !kind.endsWith('List') ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item, at) =>
    withoutLists(
      typeof item === 'object' && item !== null && !Array.isArray(item) ? { ...implied, ...item } : item,
      [...path, 'items', at],
    ),
  );
}

function objectOf(
  file: string,
  value: unknown,
  path: Path,
  lineOf: (path: Path) => number,
): KubernetesObject | { readonly problem: ManifestFinding } {
  const { apiVersion, kind, metadata } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') {
    const problem = unclear(
      'unreadable',
      file,
      lineOf(path),
      'it is not an object of Kubernetes: apiVersion or kind is missing',
      'complete it; or name a folder that has only manifests',
    );
    return { problem };
  }
  const { namespace, name, generateName } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  const named = [namespace, name ?? generateName].filter(each => typeof each === 'string').join('/');
  return {
    file,
    apiVersion,
    kind,
    name: plainText(`${kind} ${named}`, 300),
    value: value as Readonly<Record<string, unknown>>,
    lineOf: within => lineOf([...path, ...within]),
  };
}

/** Of the key, where it has one: people look for that. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? document.range[0];
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === step);
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = (node.items[Number(step)] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

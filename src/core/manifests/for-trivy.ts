import { isMap, isSeq, LineCounter, parseDocument, stringify, type Node } from 'yaml';
import { isJudged, podSpecsIn } from './pod-specs';
import type { KubernetesObject, Path } from './read-manifest';

/** One object in a file of its own, as Trivy gets it. */
export interface FileForTrivy {
  readonly name: string;
  readonly text: string;
  readonly object: KubernetesObject;
  /** Where a line of this file is in the file that a person wrote. */
  lineOf(line: number | undefined): number;
}

/**
 * What Trivy looks at instead of the files. Of those it leaves out, without a word: lists, documents after
 * `--- # comment`, duplicate keys, links, names such as `APP.YAML`; of a resource that it does not know, the
 * containers; and a comment turns its checks off. So each object is a file, without comments, and each
 * specification of a pod that is in another resource is a `Pod` too.
 */
export function filesForTrivy(objects: readonly KubernetesObject[]): FileForTrivy[] {
  const files = objects.flatMap(object => [
    { object, value: object.value as object, origin: (path: Path) => path },
    ...(isJudged(object) ? [] : podsOf(object)),
  ]);
  return files.map(({ object, value, origin }, at) => {
    const text = stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
    let paths: ReadonlyMap<number, Path> | undefined;
    return {
      name: `${at + 1}.yaml`,
      text,
      object,
      lineOf: line => {
        paths ??= pathsByLine(text);
        return object.lineOf(origin(paths.get(line ?? 0) ?? []));
      },
    };
  });
}

function podsOf(object: KubernetesObject) {
  const { metadata: own } = object.value as { readonly metadata?: Readonly<Record<string, unknown>> };
  return podSpecsIn(object).map(({ path, spec, metadata }) => ({
    object,
    value: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...(metadata as object | undefined), name: own?.name, namespace: own?.namespace },
      spec,
    },
    origin: ([first, ...rest]: Path): Path => (first === 'spec' ? [...path, ...rest] : []),
  }));
}

/** What begins in each line: the outermost, if several things do. */
function pathsByLine(text: string): ReadonlyMap<number, Path> {
  const lineCounter = new LineCounter();
  const { contents } = parseDocument(text, { version: '1.1', lineCounter });
  const paths = new Map<number, Path>();
  const add = (node: Node | null, path: Path) => {
    const line = lineCounter.linePos(node?.range?.[0] ?? 0).line;
    if (!paths.has(line)) paths.set(line, path);
  };
  const walk = (node: unknown, path: Path) => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const at = [...path, String(key)];
        add(key as Node, at);
        walk(value, at);
      }
    } else if (isSeq(node)) {
      for (const [index, each] of node.items.entries()) {
        add(each as Node, [...path, index]);
        walk(each, [...path, index]);
      }
    }
  };
  walk(contents, []);
  return paths;
}

import type { KubernetesObject, Path } from './read-manifest';

/** A part of an object that runs containers. */
export interface PodSpec {
  readonly path: Path;
  readonly spec: Readonly<Record<string, unknown>>;
  /** `metadata` of the template around it. */
  readonly metadata: unknown;
}

export interface ManifestImage {
  readonly path: Path;
  readonly image: string;
}

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'] as const;
/** The kinds whose containers Trivy looks at. */
const JUDGED = new Map([
  ['v1', ['Pod', 'ReplicationController']],
  ['apps/v1', ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']],
  ['batch/v1', ['Job', 'CronJob']],
]);

export function isJudged({ apiVersion, kind }: KubernetesObject): boolean {
  return JUDGED.get(apiVersion)?.includes(kind) === true;
}

/**
 * Every specification of a pod in an object, also in a resource of somebody's own: an Argo Rollout has one
 * where a Deployment has it.
 */
export function podSpecsIn({ value }: KubernetesObject): PodSpec[] {
  return [...under(value, [], undefined)];
}

function* under(value: unknown, path: Path, around: unknown): Iterable<PodSpec> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && CONTAINERS.some(name => isContainers(value[name as keyof typeof value]))) {
    const { metadata } = (around ?? {}) as { readonly metadata?: unknown };
    yield { path, spec: value as Readonly<Record<string, unknown>>, metadata };
    return;
  }
  for (const [key, each] of Object.entries(value)) {
    yield* under(each, [...path, Array.isArray(value) ? Number(key) : key], value);
  }
}

function isContainers(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.some(each => typeof (each as { image?: unknown } | null)?.image === 'string')
  );
}

export function imagesIn({ path, spec }: PodSpec): ManifestImage[] {
  const containers = CONTAINERS.flatMap(name => {
    const list = spec[name];
    return Array.isArray(list)
      ? list.map((each: unknown, at) => ({ each, path: [...path, name, at, 'image'] }))
      : [];
  });
  const volumes = Array.isArray(spec.volumes) ? spec.volumes : [];
  const mounted = volumes.flatMap((each: { image?: { reference?: unknown } } | null, at) =>
    typeof each?.image?.reference === 'string'
      ? [{ path: [...path, 'volumes', at, 'image', 'reference'], image: each.image.reference }]
      : [],
  );
  return [
    ...containers.flatMap(({ each, path: at }) => {
      const { image } = (each ?? {}) as { readonly image?: unknown };
      return typeof image === 'string' ? [{ path: at, image }] : [];
    }),
    ...mounted,
  ];
}

/**
 * Every image that an object names. In a resource of somebody's own, which can run containers in its own way,
 * each text that is called `image` is one: a step of Tekton, a template of an Argo Workflow.
 */
export function imagesOf(object: KubernetesObject): ManifestImage[] {
  const known = podSpecsIn(object).flatMap(imagesIn);
  if (isJudged(object)) return known;
  const paths = new Set(known.map(({ path }) => JSON.stringify(path)));
  return [...known, ...[...called(object.value, [])].filter(({ path }) => !paths.has(JSON.stringify(path)))];
}

function* called(value: unknown, path: Path): Iterable<ManifestImage> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === 'image' && typeof each === 'string') yield { path: at, image: each };
    else yield* called(each, at);
  }
}

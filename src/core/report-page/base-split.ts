import { baseTitle, type BaseAdvice } from '../bases/base-advice';
import type { KnownBase } from '../bases/known-bases';
import type { Policy } from '../policy/policy';
import type { Finding } from '../scanning/finding';
import type { TrivyReport } from '../scanning/trivy-report';

/** What an image is built on. */
export interface BaseSplit {
  /** Of the base images that are known by their layers, the one with the most layers in this image. */
  readonly known?: {
    readonly title: string;
    readonly layers: number;
    /** Fingerprints of the findings in its layers. */
    readonly findings: ReadonlySet<string>;
    /** It is an image of a base repository. */
    readonly base?: KnownBase;
    readonly advice?: BaseAdvice;
  };
  /** What the image says of itself: whoever builds it writes that. */
  readonly says?: string;
  /** Why the known images of base repositories could not be read. */
  readonly unread?: string;
}

/**
 * Splits the findings of an image into those of its base image and its own, by the layer that Trivy names.
 * Layers prove the base, since each is a hash. A label proves nothing. Undefined if nothing is known.
 *
 * @param known of the base repositories
 */
export function baseSplit(
  { Metadata, Results }: TrivyReport,
  findings: readonly Finding[],
  { rules }: Pick<Policy, 'rules'>,
  known?: KnownBase,
): BaseSplit | undefined {
  const { DiffIDs = [], ImageConfig } = Metadata;
  const registered =
    known === undefined
      ? []
      : [{ title: baseTitle(known), diffIds: DiffIDs.slice(0, known.layers), base: known }];
  // of two with the same layers, the one of the register has advice
  const [base] = [...registered, ...rules.flatMap(rule => layeredBases(rule))]
    .filter(({ diffIds }) => diffIds.every((diffId, at) => DiffIDs[at] === diffId))
    .sort((a, b) => b.diffIds.length - a.diffIds.length);
  const { name, digest } = ImageConfig.config?.BaseImage ?? {};
  const says = name === undefined || digest === undefined || name.includes('@') ? name : `${name}@${digest}`;
  if (base === undefined && says === undefined) return undefined;
  if (base === undefined) return { says };
  const diffIds = new Set(base.diffIds);
  const digests = new Set(
    (Results ?? [])
      .flatMap(({ Vulnerabilities = [], Secrets = [] }) => [...Vulnerabilities, ...Secrets])
      .flatMap(({ Layer: { Digest, DiffID } = {} }) =>
        Digest !== undefined && DiffID !== undefined && diffIds.has(DiffID) ? [Digest] : [],
      ),
  );
  const its = findings.filter(({ layer }) => layer !== undefined && digests.has(layer));
  return {
    known: {
      title: base.title,
      layers: base.diffIds.length,
      findings: new Set(its.map(({ fingerprint }) => fingerprint)),
      ...(base.base !== undefined && { base: base.base }),
    },
    ...(says !== undefined && { says }),
  };
}

interface LayeredBase {
  readonly title: string;
  readonly diffIds: readonly string[];
  readonly base?: KnownBase;
}

function layeredBases({ rule, allowed }: Policy['rules'][number]): LayeredBase[] {
  if (rule !== 'allowed-base-images' || !Array.isArray(allowed)) return [];
  return allowed.filter(
    (each): each is LayeredBase => typeof each === 'object' && each !== null && 'diffIds' in each,
  );
}

import * as z from 'zod';
import { chainIds } from './chain-ids';
import type { Verdict } from '../evidence/verdict';
import { Digest, ImageName, repositoryOf } from '../image/image';
import { Limit } from '../limits';
import type { TrivyReport } from '../scanning/trivy-report';
import { compareText } from '../text/compare';
import { plainText } from '../text/plain-text';

/*
 * The images of base repositories that were judged: one row of the register. It is a hint: whether an image
 * still passes, its own row says. It decides nothing about an image.
 */

/** The key of the one row, which is no image. */
export const BASES_KEY = 'BASES';

export const KnownBase = z.object({
  image: ImageName,
  /** `linux/amd64`, as the image's config says. */
  platform: z.string(),
  layers: z.number().int().min(1),
  /** Of all its layers. */
  chain: Digest,
  /** Its own tags, and those of its index. */
  tags: z.array(z.string()),
  /** The newest index that has it: a Dockerfile names that one for all platforms. */
  index: Digest.optional(),
  /** When it was built, as its config says. When it was judged first, if that says nothing, or the future. */
  builtAt: z.iso.datetime(),
  /** When it was judged first. */
  since: z.iso.datetime(),
  /** Of its last verdict. */
  outcome: z.enum(['PASS', 'FAIL']),
});
export type KnownBase = z.infer<typeof KnownBase>;

export const KnownBases = z.object({ images: z.array(KnownBase) });
export type KnownBases = z.infer<typeof KnownBases>;

export const NO_BASES: KnownBases = { images: [] };

/** What is to be known of a base image after its verdict. Undefined if it has no layers. */
export function knownBase(
  verdict: Verdict,
  { Metadata: { DiffIDs = [], ImageConfig } }: TrivyReport,
  named: Pick<KnownBase, 'tags' | 'index'>,
): KnownBase | undefined {
  const chain = chainIds(DiffIDs).at(-1);
  if (chain === undefined || !Digest.safeParse(chain).success) return undefined;
  const { image, outcome, evaluatedAt, firstSeen } = verdict;
  const since = [...Object.keys(firstSeen), evaluatedAt].sort()[0]!;
  const built = Date.parse(ImageConfig.created ?? '');
  const isPlausible = built > 0 && built <= Date.parse(evaluatedAt);
  return {
    image,
    platform: platformOf(ImageConfig),
    layers: DiffIDs.length,
    chain,
    tags: named.tags.map(tag => plainText(tag, 128)).slice(0, Limit.baseTags),
    ...(named.index !== undefined && { index: named.index }),
    builtAt: isPlausible ? new Date(built).toISOString() : since,
    since,
    outcome,
  };
}

export function platformOf({ os, architecture }: TrivyReport['Metadata']['ImageConfig']): string {
  return plainText(`${os ?? ''}/${architecture ?? ''}`, 40);
}

/** With one more, or one that is known better. The oldest are forgotten. */
export function withBase({ images }: KnownBases, base: KnownBase): KnownBases {
  const repository = repositoryOf(base.image);
  const [its, others] = [true, false].map(is =>
    images.filter(each => (repositoryOf(each.image) === repository) === is && each.image !== base.image),
  ) as [KnownBase[], KnownBase[]];
  const kept = [...its, base].sort(newestFirst).slice(0, Limit.basesOfRepository);
  return { images: [...others, ...kept].sort(newestFirst).slice(0, Limit.bases) };
}

/** Some builders say the same time of all that they build: then the first verdicts decide. */
export function newestFirst(a: KnownBase, b: KnownBase): number {
  return compareText(b.builtAt, a.builtAt) || compareText(b.since, a.since) || compareText(a.image, b.image);
}

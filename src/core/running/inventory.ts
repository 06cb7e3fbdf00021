import type { NamedImage } from './sighting';
import type { RunningPlace } from '../events/revocation-events';
import { imageOf, type ImageName } from '../image/image';
import { readImageReference } from '../image/image-reference';

/** Something that runs an image now, or would start it by itself. */
export interface Running {
  readonly kind: RunningPlace['kind'];
  readonly arn: string;
  readonly image: NamedImage;
}

/** What runs in one account and region, and what could not be looked up. */
export interface Inventory {
  readonly running: readonly Running[];
  /** Sentences. An inventory with any of them is not whole: it never means "runs nowhere". */
  readonly unknown: readonly string[];
}

const RANK = { REPORTED: 0, NAMED: 1, TAG: 2 } as const;

/**
 * Where an image runs. A digest that was reported counts before one that is named. What names only a tag of
 * its repository may run it, and the place says so, unless the service reports what that tag was.
 *
 * @param digests of the image; of an index also of its images, which runtimes may report
 */
export function placesOf(
  image: ImageName,
  digests: ReadonlySet<string>,
  { running }: Inventory,
): RunningPlace[] {
  const { account, region, repository } = imageOf(image);
  const ofRepository = running.flatMap(({ kind, arn, image: { reference, digest } }) => {
    const read = readImageReference(reference);
    const ecr = read.ok ? read.value.ecr : undefined;
    if (ecr?.account !== account || ecr.region !== region || ecr.repository !== repository) return [];
    const named = read.ok ? read.value.digest : undefined;
    const by = digest !== undefined ? 'REPORTED' : named !== undefined ? 'NAMED' : 'TAG';
    return [{ kind, arn, by, digest: digest ?? named } as const];
  });
  const reporting = new Set(ofRepository.filter(({ by }) => by === 'REPORTED').map(({ arn }) => arn));
  const places = new Map<string, RunningPlace>();
  for (const { kind, arn, by, digest } of ofRepository) {
    const isIt = digest === undefined ? !reporting.has(arn) : digests.has(digest);
    const known = places.get(arn);
    if (isIt && (known === undefined || RANK[by] < RANK[known.by])) places.set(arn, { kind, arn, by });
  }
  return [...places.values()].sort((one, other) => one.arn.localeCompare(other.arn));
}

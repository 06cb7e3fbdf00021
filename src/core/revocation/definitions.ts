import { imageOf, type ImageName } from '../image/image';
import { readImageReference } from '../image/image-reference';
import type { Inventory } from '../running/inventory';
import type { NamedImage } from '../running/sighting';

/**
 * A revision of a task definition of Amazon ECS or a job definition of AWS Batch. It runs nothing by itself:
 * a schedule, a workflow, a rollback or a person starts it.
 */
export interface Definition {
  readonly arn: string;
  readonly images: readonly NamedImage[];
}

/** What runs, what can be started, and what of both could not be looked up. */
export interface StartableInventory extends Inventory {
  readonly definitions: readonly Definition[];
}

/** Of each definition, the revisions with the highest numbers. */
export function newestRevisions(arns: readonly string[], count: number): string[] {
  const revisions = new Map<string, number[]>();
  for (const arn of arns) {
    const colon = arn.lastIndexOf(':');
    const name = arn.slice(0, colon);
    const known = revisions.get(name) ?? [];
    known.push(Number(arn.slice(colon + 1)));
    revisions.set(name, known);
  }
  return [...revisions].flatMap(([name, numbers]) =>
    numbers
      .sort((one, other) => other - one)
      .slice(0, count)
      .map(revision => `${name}:${revision}`),
  );
}

/**
 * ARNs of the definitions that name the image. A tag is looked up when a task or job starts, so it means what
 * has it now.
 *
 * @param digests and `tags` of the image and of what it is needed for, such as its indexes
 */
export function definitionsNaming(
  image: ImageName,
  { digests, tags }: { readonly digests: ReadonlySet<string>; readonly tags: ReadonlySet<string> },
  definitions: readonly Definition[],
): string[] {
  const { account, region, repository } = imageOf(image);
  const isNamedBy = ({ reference }: NamedImage) => {
    const read = readImageReference(reference);
    if (!read.ok) return false; // nobody can pull it
    const { ecr, digest, tag = 'latest' } = read.value;
    const isThere = ecr?.account === account && ecr.region === region && ecr.repository === repository;
    return isThere && (digest === undefined ? tags.has(tag) : digests.has(digest));
  };
  return definitions.filter(({ images }) => images.some(isNamedBy)).map(({ arn }) => arn);
}

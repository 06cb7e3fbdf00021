import type { NamedImage } from './sighting';
import { whyNotJudged, type Judged } from '../image/enrolment';
import { Digest, imageName, type ImageName, type Repository } from '../image/image';
import { readImageReference } from '../image/image-reference';
import { isManagedBuildImage } from '../image/managed-build-image';
import { nameText, plainText, quoted } from '../text/plain-text';
import { refused, type Refused } from '../trust/refusal';

export type Which =
  | { readonly is: 'ours'; readonly image: ImageName }
  /** The digest that the tag names now must be looked up. */
  | { readonly is: 'tagged'; readonly repository: Repository; readonly tag: string }
  | { readonly is: 'allowed' }
  | { readonly is: 'refused'; readonly refused: Refused };

export interface KnownImages {
  readonly judged: Judged;
  /** Digests of external images that may run. */
  readonly allowed: readonly string[];
}

/**
 * Which image a service was told to run. What the service says that it pulled comes first. Only an image from
 * elsewhere can be allowed, and only by its digest: what the trust judges, it judges (rule 5.7, fail closed).
 */
export function whichImage(
  { reference, digest: pulled }: NamedImage,
  way: string,
  { judged, allowed }: KnownImages,
): Which {
  if (way.startsWith('codebuild:') && isManagedBuildImage(reference)) return { is: 'allowed' };
  const image = `the image ${quoted(nameText(reference, 500), 500)}${pulled === undefined ? '' : ` (${pulled})`}`;
  const read = readImageReference(reference);
  if (!read.ok) return { is: 'refused', refused: refused(image, 'NOT_READABLE', `it ${read.error}`) };
  const { ecr, host, tag = 'latest' } = read.value;
  const digest = pulled ?? read.value.digest;
  const elsewhere = ecr === undefined ? `it is in ${plainText(host, 200)}` : whyNotJudged(ecr, judged);
  if (ecr === undefined || elsewhere !== undefined) {
    if (digest !== undefined && allowed.includes(digest)) return { is: 'allowed' };
    return { is: 'refused', refused: refused(image, 'ELSEWHERE', elsewhere) };
  }
  if (digest === undefined) return { is: 'tagged', repository: ecr, tag };
  if (Digest.safeParse(digest).success) return { is: 'ours', image: imageName({ ...ecr, digest }) };
  const detail = 'its digest is not sha256:<64 hex>';
  return { is: 'refused', refused: refused(image, 'NOT_READABLE', detail) };
}

/** A tag that names no image now: what runs by it is not known. */
export function unknownTag({ repository }: Repository, tag: string): Refused {
  const subject = `the image ${quoted(`${repository}:${tag}`, 400)}`;
  return refused(subject, 'TAG_NOT_DIGEST', 'the tag names no image now, so it is not known what runs');
}

/** A tag that is pulled again later: what it names today says nothing about the next pull. */
export function movingTag(
  { repository }: Repository,
  tag: string,
  today: 'is trusted' | 'a break-glass grant lets run',
): Refused {
  const subject = `the image ${quoted(`${repository}:${tag}`, 400)}`;
  return refused(subject, 'TAG_NOT_DIGEST', `today it names one that ${today}, and it is pulled again`);
}

import { PROGRAM } from '../program-name';
import { shortName, type KnownImages, type Listing } from './known-image';
import { firstFew, found, ok, type Look } from './line';
import { holds } from '../evidence/verdict';
import { imageOf, type ImageName } from '../image/image';
import { BUNDLE, PREDICATE_TYPE } from '../signing/bundle';
import { classicTag } from '../signing/oci-artefact';
import { SIGN_V1 } from '../signing/statement';
import type { Referrer } from '../trust/registry-check';

/** How many images are asked for their bundle: each takes a call. */
const SAMPLE = 20;

/** A trusted image that the signer has signed in the registry. */
export interface SignedImage {
  readonly image: ImageName;
  /** Whether the signature for cosign 2 is where it was written. */
  readonly hasTag: boolean;
}

/** By the register, of the images that are there. */
export function signedIn({ images }: Listing, known: KnownImages, now: Date): SignedImage[] {
  const tags = new Set(
    images.flatMap(each => each.tags.map(tag => `${imageOf(each.image).repository}:${tag}`)),
  );
  return images
    .flatMap(({ image }) => {
      const { verdict, signature } = known.images.get(image) ?? {};
      if (signature === undefined || verdict === undefined || !holds(verdict, now)) return [];
      const { repository, digest } = imageOf(image);
      const hasTag =
        signature.withoutTag !== undefined || tags.has(`${repository}:${classicTag(digest, 'sig')}`);
      return [{ image, hasTag }];
    })
    .sort((a, b) => (a.image < b.image ? -1 : 1));
}

/** Some, evenly spaced, so that two looks at the same images say the same. */
export function sampleOf<T>(all: readonly T[], count = SAMPLE): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, at) => all[Math.floor((at * all.length) / count)]!);
}

/** Whether it is the bundle of a signature, as its annotation says. Attestations are bundles too. */
export function isSignature({ artifactType, annotations }: Referrer): boolean {
  return artifactType === BUNDLE && annotations?.[PREDICATE_TYPE] === SIGN_V1;
}

/**
 * What `cosign verify` and `verify --key` look for. A lifecycle rule may have deleted it.
 *
 * @param looked a sample: whether the bundle of a signature refers to the image
 */
export function bundles(
  signed: readonly SignedImage[],
  looked: readonly { readonly image: ImageName; readonly hasBundle: boolean }[],
): Look {
  const limit = 'each trusted image has its own';
  const sample = `${signed.length} signed images, ${looked.length} asked for their bundle`;
  const without = [
    ...looked.filter(({ hasBundle }) => !hasBundle).map(({ image }) => `${shortName(image)} (bundle)`),
    ...signed.filter(({ hasTag }) => !hasTag).map(({ image }) => `${shortName(image)} (.sig)`),
  ];
  return without.length === 0
    ? ok(limit, sample)
    : found(
        limit,
        `${without.length} are gone: ${firstFew(without)}; ${sample}`,
        `find out which lifecycle rule or person deleted them; the next renewal writes them again, "${PROGRAM} rescan" at once; gates that ask the register are not affected`,
      );
}

import type { NewerBase } from './base-of';
import type { Comparison } from './compare-bases';
import type { KnownBase } from './known-bases';
import { imageOf, imageReference, sibling } from '../image/image';

/** A newer base image, as its own report says. */
export interface ReadBase {
  /** With its registry and digest: of the index, if that passes too. */
  readonly reference: string;
  readonly tags: readonly string[];
  /** Undefined if the tags of one of the two are not known. */
  readonly isSameLine?: boolean;
  readonly isNewest: boolean;
  /** Fingerprints of the findings of the present base image that it does not have. */
  readonly gone: ReadonlySet<string>;
  readonly stay: number;
  /** What cannot be told: it was scanned with an older database. */
  readonly unknown: number;
  /** How many findings it has that the present base image does not have. */
  readonly brings: number;
}

/** What a newer base image would change. */
export interface BaseAdvice {
  /** Absent if no newer one passes. */
  readonly newer?: ReadBase;
  /** Why nobody can say. */
  readonly unread?: string;
}

export function readBase(
  { base, isSameLine, isNewest }: NewerBase,
  { gone, stay, unknown, brings }: Comparison,
  { index, urlSuffix }: { readonly index: string | undefined; readonly urlSuffix: string },
): ReadBase {
  const image = imageOf(base.image);
  return {
    reference: imageReference(index === undefined ? image : sibling(image, index), urlSuffix),
    tags: base.tags,
    ...(isSameLine !== undefined && { isSameLine }),
    isNewest,
    gone: new Set(gone.map(({ fingerprint }) => fingerprint)),
    stay: stay.length,
    unknown: unknown.length,
    brings,
  };
}

/** `base/node:20.11@sha256:…` */
export function baseTitle({ image, tags }: KnownBase): string {
  const { repository, digest } = imageOf(image);
  return `${repository}${tags.length === 0 ? '' : `:${tags[0]}`}@${digest}`;
}

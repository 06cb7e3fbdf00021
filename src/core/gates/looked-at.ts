import type { ImageToRun } from './image-to-run';
import type { ImageName } from '../image/image';
import type { RegisterRow } from '../register/row';
import type { Grant } from '../trust/grant';
import type { Refused } from '../trust/refusal';

/** One image, and what became known of it. What is not said to be allowed to run is refused. */
export type LookedAt = Allowed | Refusal;

export interface Allowed {
  readonly of: ImageToRun['of'];
  readonly allowed: 'TRUSTED' | 'ON_THE_LIST';
  /** When the trust ends. */
  readonly until?: string;
  /** Why it may run, where it is not simply trusted. */
  readonly note?: string;
}

export interface Refusal {
  readonly of: ImageToRun['of'];
  readonly refused: Refused;
  /** Undefined where nobody can tell which image it is, or where the trust does not judge it. */
  readonly image?: ImageName;
  /** Undefined if the register could not be read. */
  readonly row?: RegisterRow;
  /** The rows of the images of an index, where they may be why it is refused. */
  readonly children?: readonly RegisterRow[];
  /** Lifts the refusal once its use is recorded (rule 5.11, break-glass). */
  readonly grant?: LiftedBy;
}

export interface LiftedBy {
  readonly found: Grant;
  readonly isUseRecorded: boolean;
  readonly note: string;
}

/** What no grant lifts. */
export function refusalsOf(images: readonly LookedAt[]): Refusal[] {
  return images.filter((each): each is Refusal => !('allowed' in each) && each.grant === undefined);
}

export function hasUnrecordedUse(image: LookedAt): image is Refusal & { readonly grant: LiftedBy } {
  return 'grant' in image && image.grant?.isUseRecorded === false;
}

/** Why all of them may run, for a service. */
export function whyAllMayRun(images: readonly LookedAt[]): string {
  if (images.length === 0) return 'there is no image to judge';
  const notes = images.flatMap(each => ('allowed' in each ? each.note : each.grant?.note) ?? []);
  if (notes.length === 0) return 'every image is trusted';
  return `${notes.length < images.length ? 'the other images are trusted; ' : ''}${notes.join('; ')}`;
}

/** When the first trust ends. Notes say it themselves. */
export function untilWhenAllMayRun(images: readonly LookedAt[]): string | undefined {
  const isPlain = images.every(each => 'allowed' in each && each.note === undefined);
  return isPlain ? images.flatMap(each => ('until' in each ? (each.until ?? []) : [])).sort()[0] : undefined;
}

import type { ImageToRun } from './image-to-run';
import type { ImageName } from '../image/image';
import type { RegisterRow } from '../register/row';
import type { Grant } from '../trust/grant';
import type { Refused } from '../trust/refusal';

/** One image, and what became known of it. Without `refused` it is trusted, or on the list of the gate. */
export interface LookedAt {
  readonly of: ImageToRun['of'];
  /** Undefined where nobody can tell which image it is, or where the trust does not judge it. */
  readonly image?: ImageName;
  readonly trustedUntil?: string;
  readonly refused?: Refused;
  /** Undefined if the register could not be read. */
  readonly row?: RegisterRow;
  /** The rows of the images of an index, where they may be why it is refused. */
  readonly children?: readonly RegisterRow[];
  /** The break-glass grant that lifts the refusal. */
  readonly grant?: Grant;
  /** The grant counts only once its use is recorded (rule 5.11, break-glass). */
  readonly isUseRecorded?: boolean;
  /** Why it may run, where it is not simply trusted. */
  readonly note?: string;
}

/** An image that may not run. */
export interface Refusal extends LookedAt {
  readonly refused: Refused;
}

export function refusalsOf(images: readonly LookedAt[]): Refusal[] {
  return images.filter((each): each is Refusal => each.refused !== undefined && each.grant === undefined);
}

/** Why all of them may run, for a service. */
export function whyAllMayRun(images: readonly LookedAt[]): string {
  if (images.length === 0) return 'there is no image to judge';
  const notes = images.flatMap(({ note }) => note ?? []);
  if (notes.length === 0) return 'every image is trusted';
  return `${notes.length < images.length ? 'the other images are trusted; ' : ''}${notes.join('; ')}`;
}

/** The same for the log, which also says for how long. */
export function untilWhenAllMayRun(images: readonly LookedAt[]): string {
  const [first] = images.flatMap(({ trustedUntil }) => trustedUntil ?? []).sort();
  return `${whyAllMayRun(images)}${first === undefined ? '' : `, until ${first}`}`;
}

import { DetailType, type VerdictOrFailure } from '../events/image-events';
import type { RegisterRow } from '../register/row';

/** A fold of the index is a message away, also where its last attempt says that nothing more will come. */
const FOLD_SECONDS = 120;
const LOOK_AGAIN_SECONDS = 300;
/** By then the retries of the other images are over, or a build waits for longer than a refusal may. */
const PATIENCE_SECONDS = 3600;

/** Who tells people of a change. */
export type Teller = 'the image' | 'its index' | { readonly waitSeconds: number };

/**
 * Whether people hear of an image from its index: who pushes for five platforms hears of it once. An image
 * with a tag of its own tells itself. So does one whose old images are looked at because its repository is
 * new here: its index may say nothing of those.
 */
export function mayBeToldByIndex(
  { detail }: VerdictOrFailure,
  { parents = [], tags = [] }: RegisterRow,
): boolean {
  const isForgery = 'cause' in detail && detail.cause === 'PROVENANCE';
  const isEnrolment = 'reason' in detail && detail.reason === 'enrolment';
  return parents.length > 0 && tags.length === 0 && !isForgery && !isEnrolment;
}

/**
 * An image is silent only where an index of it said the same. An index without a verdict says nothing of the
 * refused: whoever waits for one that never comes tells it in the end, and at once where no index of it will
 * say more.
 */
export function whoTells(
  event: VerdictOrFailure,
  row: RegisterRow,
  indexes: readonly RegisterRow[],
  now: Date,
): Teller {
  if (indexes.some(index => saysTheSame(index, event, row))) return 'its index';
  const age =
    (now.getTime() -
      Date.parse(event.detailType === DetailType.verdict ? event.detail.evaluatedAt : event.detail.at)) /
    1000;
  if (age < FOLD_SECONDS) return { waitSeconds: Math.ceil(FOLD_SECONDS - Math.max(0, age)) };
  const mayStillSay = indexes.some(
    ({ lastAttempt }) => lastAttempt === undefined || lastAttempt.retryAt !== undefined,
  );
  return mayStillSay && age < PATIENCE_SECONDS ? { waitSeconds: LOOK_AGAIN_SECONDS } : 'the image';
}

function saysTheSame(
  { verdict, replaced, lastAttempt }: RegisterRow,
  event: VerdictOrFailure,
  image: RegisterRow,
): boolean {
  // one message tells of all images that have no verdict: the index has none because of them
  if (event.detailType === DetailType.scanFailed) return lastAttempt?.cause === 'CHILD_WITHOUT_VERDICT';
  const isOfThis =
    verdict?.madeOf?.some(id => id === event.detail.verdictId || id === image.verdict?.verdictId) === true;
  // nobody is told of a first PASS
  return isOfThis && (verdict?.outcome === 'FAIL' || replaced !== undefined);
}

import { DetailType, type VerdictOrFailure } from '../events/image-events';
import type { RegisterRow } from '../register/row';
import { Seconds } from '../times';

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
  if (age < Seconds.alertFold) return { waitSeconds: Math.ceil(Seconds.alertFold - Math.max(0, age)) };
  const mayStillSay = indexes.some(
    ({ lastFailedScan }) => lastFailedScan === undefined || lastFailedScan.retryAt !== undefined,
  );
  return mayStillSay && age < Seconds.alertPatience ? { waitSeconds: Seconds.alertLookAgain } : 'the image';
}

function saysTheSame(
  { verdict, replaced, lastFailedScan }: RegisterRow,
  event: VerdictOrFailure,
  image: RegisterRow,
): boolean {
  // one message tells of all images that have no verdict: the index has none because of them
  if (event.detailType === DetailType.scanFailed) return lastFailedScan?.cause === 'CHILD_WITHOUT_VERDICT';
  const isOfThis =
    verdict?.madeOf?.some(id => id === event.detail.verdictId || id === image.verdict?.verdictId) === true;
  // nobody is told of a first PASS
  return isOfThis && (verdict?.outcome === 'FAIL' || replaced !== undefined);
}

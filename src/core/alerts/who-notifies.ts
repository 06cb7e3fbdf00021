import { DetailType, type VerdictOrFailure } from '../events/image-events';
import type { RegisterRow } from '../register/row';
import { Seconds } from '../times';

/** Whose event notifies the team of a change. */
export type Notifier = 'the image' | 'its index' | { readonly waitSeconds: number };

/**
 * Whether the event of an index may notify for this image, so that a push for five platforms causes one
 * message. An image with its own tag has its own message. So has an image that is scanned because its
 * repository was enrolled: its index may cause no event.
 */
export function mayIndexNotify(
  { detail }: VerdictOrFailure,
  { parents = [], tags = [] }: RegisterRow,
): boolean {
  const isForgery = 'cause' in detail && detail.cause === 'PROVENANCE';
  const isEnrolment = 'reason' in detail && detail.reason === 'enrolment';
  return parents.length > 0 && tags.length === 0 && !isForgery && !isEnrolment;
}

/**
 * An image causes no message only if an index of it said the same. An index without a verdict says nothing
 * about refused images, so an image waits for its index for a limited time, and not at all if no index of it
 * can still get a verdict.
 */
export function whoNotifies(
  event: VerdictOrFailure,
  row: RegisterRow,
  indexes: readonly RegisterRow[],
  now: Date,
): Notifier {
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
  // one message covers all images without a verdict: the index has no verdict because of them
  if (event.detailType === DetailType.scanFailed) return lastFailedScan?.cause === 'CHILD_WITHOUT_VERDICT';
  const isOfThis =
    verdict?.madeOf?.some(id => id === event.detail.verdictId || id === image.verdict?.verdictId) === true;
  // a first PASS causes no message
  return isOfThis && (verdict?.outcome === 'FAIL' || replaced !== undefined);
}

import { PROGRAM } from '../program-name';
import { shortName, stateOf, type KnownImages, type ListedImage, type Listing } from './known-image';
import { ageText, firstFew, found, ok, secondsSince, type Look } from './line';
import { Seconds } from '../times';

/**
 * Whether the events of pushes arrive. A push of the last day of which the register has nothing was lost;
 * reconcile finds it within an hour, if that runs. Older images may be older than their enrolment.
 */
export function pushes({ images, left }: Listing, known: KnownImages, now: Date): Look {
  const limit = `each within ${ageText(Seconds.eventSettled)}`;
  const recent = images.filter(({ pushedAt }) => secondsSince(pushedAt, now) <= Seconds.pushIsOld);
  const lost = recent.filter(each => stateOf(each, known.images.get(each.image), now) === 'unheard');
  const counted = `${recent.length} pushes in the last ${ageText(Seconds.pushIsOld)}${left ? ' were looked at' : ''}`;
  if (lost.length === 0) {
    const last = newest(images);
    return ok(
      limit,
      last === undefined ? 'no push yet' : `the last push was of ${shown(last, now)}; ${counted}`,
    );
  }
  return found(
    limit,
    `${lost.length} not heard: ${firstFew(lost.map(each => shown(each, now)))}; ${counted}`,
    `request a scan: ${PROGRAM} rescan; see the event rules, and the log of Reconciler, which looks for lost pushes each hour`,
  );
}

function newest(images: readonly ListedImage[]): ListedImage | undefined {
  return images.reduce<ListedImage | undefined>(
    (last, each) => (last === undefined || each.pushedAt > last.pushedAt ? each : last),
    undefined,
  );
}

function shown({ image, pushedAt }: ListedImage, now: Date): string {
  return `${shortName(image)} ${ageText(secondsSince(pushedAt, now))} ago`;
}

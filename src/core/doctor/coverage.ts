import { PROGRAM } from '../program-name';
import { shortName, stateOf, type KnownImages, type Listing } from './known-image';
import { firstFew, found, ok, type Look } from './line';

/**
 * Images without a verdict: gates refuse them, and nobody knows what is in them. A PASS that has expired is
 * none to a gate.
 */
export function coverage(listing: Listing, known: KnownImages, now: Date): Look {
  const limit = 'all in enrolled repositories, not expired';
  const judgeable = listing.images
    .map(each => ({ ...each, state: stateOf(each, known.images.get(each.image), now) }))
    .filter(({ state }) => state !== 'attachment');
  const without = judgeable.filter(({ state }) => state === 'failed' || state === 'unheard');
  const expired = judgeable.filter(({ state }) => state === 'expired');
  const scanning = judgeable.filter(({ state }) => state === 'scanning').length;
  const of = [
    `${judgeable.length} images in ${listing.repositories} repositories`,
    ...(scanning > 0 ? [`${scanning} on their way`] : []),
    ...(listing.left ? ['there are more, which were not looked at'] : []),
  ].join('; ');
  if (without.length + expired.length === 0) return ok(limit, of);
  const names = without.map(({ image, state }) => {
    const cause = known.images.get(image)?.lastFailedScan?.cause;
    return `${shortName(image)} (${state === 'unheard' ? 'never scanned' : cause})`;
  });
  const namesOfExpired = expired.map(({ image }) => {
    const { verdict, lastFailedScan: failed } = known.images.get(image)!;
    const since = `since ${verdict!.validUntil}`;
    return `${shortName(image)} (${failed === undefined ? since : `${since}, ${failed.cause}`})`;
  });
  return found(
    limit,
    [
      ...(without.length > 0 ? [`${without.length} without one: ${firstFew(names)}`] : []),
      ...(expired.length > 0 ? [`${expired.length} expired: ${firstFew(namesOfExpired)}`] : []),
      of,
    ].join('; '),
    `ask ${PROGRAM} explain for the reason, and rescan for another scan; if many expired, see the log of Reconciler, which asks for renewals; delete images that nobody runs`,
  );
}

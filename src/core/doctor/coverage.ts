import { shortName, stateOf, type KnownImages, type Listing } from './known-image';
import { firstFew, found, ok, type Look } from './line';

/** Images without a verdict: gates refuse them, and nobody knows what is in them. */
export function coverage(listing: Listing, known: KnownImages, now: Date): Look {
  const limit = 'all in enrolled repositories';
  const judgeable = listing.images
    .map(each => ({ ...each, state: stateOf(each, known.images.get(each.image), now) }))
    .filter(({ state }) => state !== 'attachment');
  const without = judgeable.filter(({ state }) => state === 'failed' || state === 'unheard');
  const scanning = judgeable.filter(({ state }) => state === 'scanning').length;
  const of = [
    `${judgeable.length} images in ${listing.repositories} repositories`,
    ...(scanning > 0 ? [`${scanning} on their way`] : []),
    ...(listing.left ? ['there are more, which were not looked at'] : []),
  ].join('; ');
  if (without.length === 0) return ok(limit, of);
  const names = without.map(({ image, state }) => {
    const cause = known.images.get(image)?.lastFailedScan?.cause;
    return `${shortName(image)} (${state === 'unheard' ? 'never scanned' : cause})`;
  });
  return found(
    limit,
    `${without.length} without one: ${firstFew(names)}; ${of}`,
    'ask trusted-images explain for the reason, and rescan for another scan; delete images that nobody runs',
  );
}

import { fingerprint as fingerprintOf, type Finding } from '../scanning/finding';
import { MILLISECONDS } from '../times';

/**
 * Since when a repository has had something that it may fix later, by what it is. Kept for the repository
 * and not for the image, so that a nightly rebuild or a push of the same neither restarts nor loses it.
 */
export type GracePeriods = ReadonlyMap<string, string>;

/**
 * The vulnerability and the package, whichever version of it: to upgrade from one vulnerable version to the
 * next one is no new grace period.
 */
export function gracePeriodKey({ type, id, package: name, purl, path, fingerprint }: Finding): string {
  if (type !== 'vulnerability') return fingerprint;
  return fingerprintOf(id, purl === undefined ? (name ?? '') : withoutVersion(purl), path ?? '').slice(0, 24);
}

export function gracePeriodEnd(since: string, days: number): Date {
  return new Date(Date.parse(since) + days * MILLISECONDS.day);
}

/** `pkg:npm/%40scope/name@1.2.3?arch=x` → `pkg:npm/%40scope/name`: an `@` of a scope is always encoded. */
function withoutVersion(purl: string): string {
  const end = [purl.indexOf('?'), purl.indexOf('#'), purl.length]
    .filter(at => at >= 0)
    .reduce((a, b) => Math.min(a, b));
  const at = purl.lastIndexOf('@', end);
  return purl.slice(0, at > 0 ? at : end);
}

import { fingerprint as fingerprintOf, type Finding } from '../scanning/finding';

/**
 * Since when a repository has had something that it may mend later, by what it is. Kept for the repository
 * and not for the image, so that a nightly rebuild or a push of the same neither restarts nor loses it.
 */
export type Windows = ReadonlyMap<string, string>;

const DAY = 86_400_000;

/**
 * The vulnerability and the package, whichever version of it: to upgrade from one vulnerable version to the
 * next one is no new window.
 */
export function windowKey({ type, id, package: name, purl, path, fingerprint }: Finding): string {
  if (type !== 'vulnerability') return fingerprint;
  return fingerprintOf(id, purl === undefined ? (name ?? '') : withoutVersion(purl), path ?? '').slice(0, 24);
}

export function windowEnd(since: string, days: number): Date {
  return new Date(Date.parse(since) + days * DAY);
}

/** `pkg:npm/%40scope/name@1.2.3?arch=x` → `pkg:npm/%40scope/name`: an `@` of a scope is always encoded. */
function withoutVersion(purl: string): string {
  const end = [purl.indexOf('?'), purl.indexOf('#'), purl.length]
    .filter(at => at >= 0)
    .reduce((a, b) => Math.min(a, b));
  const at = purl.lastIndexOf('@', end);
  return purl.slice(0, at > 0 ? at : end);
}

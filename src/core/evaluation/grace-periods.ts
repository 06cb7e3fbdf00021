import { fingerprint as fingerprintOf, type Finding } from '../scanning/finding';
import { MILLISECONDS } from '../times';

/**
 * When each grace period of a repository started, by `gracePeriodKey`. It belongs to the repository and not
 * to an image, so that neither a nightly rebuild nor another push restarts or loses it.
 */
export type GracePeriods = ReadonlyMap<string, string>;

/**
 * The vulnerability and the package without its version: an upgrade to another vulnerable version is no
 * restart.
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

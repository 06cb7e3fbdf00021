import { Seconds, Shares } from '../times';

/**
 * Least and most seconds until a request is looked at again: longer the longer it has waited. At most the
 * longest wait of a message.
 */
export function waitAgain(
  [least, most]: readonly [number, number],
  ageSeconds: number,
): readonly [number, number] {
  const [from, to] = Shares.waitAgain;
  return [
    Math.min(Math.max(least, ageSeconds * from), Seconds.longestDeferral / 2),
    Math.min(Math.max(most, ageSeconds * to), Seconds.longestDeferral),
  ];
}

import { Seconds } from '../times';

/**
 * How late a request is that goes back to its queue. The worst of several is the largest, so that renewals
 * that are late do not hide a push that is: it makes the number rise. Renewals wait for pushes in any case.
 */
export enum Lateness {
  none = 0,
  /** A renewal, or an old image. */
  background = 1,
  /** A push or a deployment. */
  request = 2,
}

export function lateness(isForNobody: boolean, ageSeconds: number): Lateness {
  if (isForNobody) return ageSeconds > Seconds.backgroundIsLate ? Lateness.background : Lateness.none;
  return ageSeconds > Seconds.requestIsLate ? Lateness.request : Lateness.none;
}

import type { KnownImages } from './known-image';
import { found, ok, type Look } from './line';
import { PROGRAM } from '../program-name';
import { NO_BRAKE, pulledNow, releasedNow } from '../register/revocation-brake';
import { plainText } from '../text/plain-text';

/** Whether gates admit images that do not pass, because the brake holds their revocations. */
export function brake({ images, brake: state = NO_BRAKE }: KnownImages, now: Date): Look {
  const limit = 'holds nothing';
  const held = [...images.values()].flatMap(each => each.held ?? []);
  const ends = held.map(({ until }) => until).sort();
  const holds = `holds ${held.length} ${held.length === 1 ? 'image' : 'images'}`;
  const admitted = ends.length === 0 ? '' : `; gates admit the last one until ${ends.at(-1)}`;
  const pulled = pulledNow(state, now);
  if (pulled !== undefined) {
    return found(
      limit,
      `${holds} since ${pulled.at}, and ends at ${pulled.until}: ${plainText(pulled.because, 300)}${admitted}`,
      `see ${PROGRAM} brake status; fix the policy or the database that refuses them, or revoke them: ${PROGRAM} brake release`,
    );
  }
  const released = releasedNow(state, now);
  const said =
    released === undefined
      ? ''
      : `; released at ${released.releasedAt} by ${plainText(released.releasedBy, 300)}, ticket ${plainText(released.ticket, 100)}: nothing is held until ${released.until}`;
  return held.length === 0
    ? ok(limit, `${limit}${said}`)
    : found(
        limit,
        `${holds} although it has ended${said}${admitted}`,
        'wait for some minutes: the evaluator revokes them; if they stay, see the logs of Reconciler and Evaluator',
      );
}

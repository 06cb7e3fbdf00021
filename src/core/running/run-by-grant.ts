import type { Sighting } from './sighting';
import type { ImageName } from '../image/image';
import { covers, EVERY_IMAGE, livedAt, readGrant, type Grant } from '../trust/grant';
import type { Refused } from '../trust/refusal';

/** How many grants a message names. */
const LISTED = 3;

/** A refusal, and the break-glass grant by which the image may run all the same. */
export interface Judged {
  readonly refused: Refused;
  readonly grant?: Grant;
}

export type GrantedRun = Required<Judged>;

/**
 * What break-glass grants say of a refused image that runs. Those count that counted when it was seen, and
 * not when the event is read: a grant does not hide what ran before it, and is not forgotten when it has
 * ended.
 *
 * A grant for the account covers the run, and one for the service or the function that the event names. One
 * for a stack does not, because no event says which stack made a service: it is named, and people decide.
 */
export function underGrants(
  rows: readonly unknown[],
  refused: Refused,
  image: ImageName,
  { arn, at, place }: Pick<Sighting, 'arn' | 'at' | 'place'>,
): Judged {
  const lived = rows
    .flatMap(row => readGrant(row) ?? [])
    .filter(grant => [image, EVERY_IMAGE].includes(grant.image) && livedAt(grant, new Date(at)));
  const grant = lived.find(each => [arn, place.account].some(runner => covers(each, image, runner)));
  if (grant !== undefined) return { refused, grant };
  return lived.length === 0 ? { refused } : { refused: { ...refused, says: naming(refused, lived) } };
}

function naming({ says }: Refused, grants: readonly Grant[]): string {
  const named = grants
    .slice(0, LISTED)
    .map(
      ({ grantId, scope, expiresAt, grantedBy, ticket }) =>
        `${scope} until ${expiresAt} (grant ${grantId} of ${grantedBy}, ticket ${ticket})`,
    );
  const rest = grants.length - named.length;
  return `${says}; break-glass lets it run by ${named.join(', by ')}${rest === 0 ? '' : ` and ${rest} more`}: if one of these runs it here, it may`;
}

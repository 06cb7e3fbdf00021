import type { Trusted } from './decide';
import type { Grant } from './grant';

/** Why an image may run, for people: it is trusted, or its revocation is held for a while (0044). */
export function whyAdmitted({ validUntil, heldBecause }: Omit<Trusted, 'trusted'>): string {
  return heldBecause === undefined
    ? `trusted until ${validUntil}`
    : `admitted: its revocation is held by the brake until ${validUntil}, because ${heldBecause}`;
}

/** Why it may run although it is refused. */
export function whyGranted({ grantId, grantedBy, ticket, expiresAt }: Grant): string {
  return `admitted by break-glass grant ${grantId} of ${grantedBy}, ticket ${ticket}, until ${expiresAt}`;
}

import type { Trusted } from './decide';

/** Why a gate admits an image, for people: it is trusted, or in spite of a refusal it may run for a while. */
export function whyAdmitted({ validUntil, grant, heldBecause }: Omit<Trusted, 'trusted'>): string {
  if (grant !== undefined) {
    return `admitted by break-glass grant ${grant.grantId} of ${grant.grantedBy}, ticket ${grant.ticket}`;
  }
  return heldBecause === undefined
    ? `trusted until ${validUntil}`
    : `admitted: its revocation is held by the brake until ${validUntil}, because ${heldBecause}`;
}

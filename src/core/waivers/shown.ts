import type { Waiver } from './waiver';
import { plainText } from '../text/plain-text';

/**
 * A waiver in one line of visible characters, for verdicts, terminals and chat (rule 5.5, untrusted text).
 * Each destination still encodes it for its own syntax.
 */
export interface ShownWaiver {
  readonly key: string;
  /** What is waived, in words. */
  readonly what: string;
  readonly owner: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly expires: string;
}

export function shownWaiver({
  key,
  id,
  type,
  purl,
  path,
  owner,
  reason,
  ticket,
  expires,
  until,
}: Waiver): ShownWaiver {
  const what = [
    id ?? 'everything',
    type && `as a ${type}`,
    purl && `in ${purl}`,
    path && `at ${path}`,
    until && 'while there is no fix',
  ]
    .filter(Boolean)
    .join(' ');
  return {
    key,
    what: plainText(what, 300),
    owner: plainText(owner, 100),
    reason: plainText(reason, 300),
    ...(ticket !== undefined && { ticket: plainText(ticket, 300) }),
    expires,
  };
}

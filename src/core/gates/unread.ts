import type * as z from 'zod';
import { plainText } from '../text/plain-text';

const LISTED = 5;

/** Why what a service sent cannot be read. The values are left out: they may be secrets. */
export function whyUnread(what: string, error: z.ZodError): string {
  const fields = [...new Set(error.issues.map(({ path }) => plainText(path.join('.') || 'all of it', 80)))];
  return `${what} cannot be read: ${fields.slice(0, LISTED).join(', ')}${fields.length > LISTED ? ' and more' : ''}`;
}

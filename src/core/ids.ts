import * as z from 'zod';

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** A ULID (48 bits of time, 80 random bits): it cannot be guessed from the image, and sorts by time. */
export const ScanId = z.string().regex(ULID, 'not a scan id, allowed: a ULID');

/**
 * An id in the shape of a ULID for something that follows from its parts alone, as an index's verdict does
 * from its children's.
 */
export function derivedId(sha256: Uint8Array): string {
  let bits = 0n;
  for (const byte of sha256.subarray(0, 16)) bits = bits * 256n + BigInt(byte);
  let id = '';
  for (let place = 0; place < 26; place++) {
    id = ALPHABET[Number(bits % 32n)] + id;
    bits /= 32n;
  }
  return id;
}

import * as z from 'zod';

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * How the scan ids of probes begin: no other was made in the first millisecond of 1970. A probe may read only
 * what builds with such an id uploaded.
 */
export const PROBE_IDS = '0000000001';

/** A ULID (48 bits of time, 80 random bits): it cannot be guessed from the image, and sorts by time. */
export const ScanId = z.string().regex(ULID, 'not a scan id, allowed: a ULID');

/**
 * An id in the shape of a ULID for what follows from its parts alone, as the verdict of an index follows from
 * those of its images: the first 128 bits of a hash in hex.
 */
export function derivedId(sha256: string): string {
  let bits = BigInt(`0x${sha256.slice(0, 32)}`);
  let id = '';
  for (let place = 0; place < 26; place++) {
    id = ALPHABET[Number(bits % 32n)] + id;
    bits /= 32n;
  }
  return id;
}

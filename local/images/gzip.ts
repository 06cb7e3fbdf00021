import { crc32 } from 'node:zlib';

const LARGEST_STORED_BLOCK = 0xffff;

/**
 * Gzip without compression. How well zlib compresses differs between Node versions and processors,
 * and with it the digest of a layer; stored blocks are the same bytes everywhere.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4
 */
export function gzip(bytes: Buffer): Buffer {
  // no time, no name, operating system unknown
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([header, ...storedBlocks(bytes), trailer]);
}

function* storedBlocks(bytes: Buffer): Iterable<Buffer> {
  for (let start = 0; start === 0 || start < bytes.length; start += LARGEST_STORED_BLOCK) {
    const block = bytes.subarray(start, start + LARGEST_STORED_BLOCK);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + block.length >= bytes.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(LARGEST_STORED_BLOCK - block.length, 3);
    yield head;
    yield block;
  }
}

import { pack } from 'tar-stream';
import { digestOf } from '../../../src/core/text/sha256';
import { gzip } from '../gzip';
import { RawLayer } from '../image';

const BLOCK = 512;
const CHECKSUM = 148;
/** More than fits in a raw block of zstd. */
const LARGEST_RAW_BLOCK = 128 * 1024;

/**
 * A zstd frame of blocks that are not compressed: the same bytes on every machine. @see
 * https://www.rfc-editor.org/rfc/rfc8878
 */
export function rawZstd(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  // one segment, its size in four bytes
  const frame: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size];
  for (let start = 0; start < bytes.length; start += LARGEST_RAW_BLOCK) {
    const block = bytes.subarray(start, start + LARGEST_RAW_BLOCK);
    const isLast = start + block.length >= bytes.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE(block.length * 8 + Number(isLast), 0, 3);
    frame.push(head, block);
  }
  return Buffer.concat(frame);
}

/**
 * A tar that is also a frame which zstd's readers skip: the frame's head stands in the name of the first
 * file.
 */
export function skippableFrame(tar: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50, 0);
  head.writeUInt32LE(tar.length - head.length, 4);
  return renamed(tar, head);
}

/**
 * A tar that is also the head of a gzip: it stands in the name of the first file, and the rest of the tar is
 * a field that gzip's readers skip.
 */
export function namedLike(gzipped: Buffer, tar: Buffer): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 0, 0]);
  head.writeUInt16LE(tar.length - head.length, 10);
  return Buffer.concat([renamed(tar, head), gzipped.subarray(10)]);
}

/** A file, and another name of it. */
export async function hardLinked(path: string, link: string, content: string): Promise<RawLayer> {
  const archive = pack();
  const more = { uid: 0, gid: 0, mtime: new Date(0), mode: 0o644 };
  archive.entry({ name: path, type: 'file', ...more }, content);
  archive.entry({ name: link, type: 'link', linkname: path, ...more });
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  const tar = Buffer.concat(chunks);
  return { bytes: gzip(tar), diffId: digestOf(tar) };
}

/** The first file of a tar gets a name that begins with these bytes. */
function renamed(tar: Buffer, name: Buffer): Buffer {
  const copy = Buffer.from(tar);
  name.copy(copy);
  copy.fill(' ', CHECKSUM, CHECKSUM + 8);
  const sum = copy.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM, 'latin1');
  return copy;
}

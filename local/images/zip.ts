import { crc32 } from 'node:zlib';

const VERSION = 20;
const JANUARY_1980 = 0x21; // the first day that a zip can name

/** A zip of uncompressed files, which is what a jar is. */
export function zip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const entries = Object.entries(files).map(([name, content]) => ({
    name: Buffer.from(name),
    content: Buffer.from(content),
  }));
  const local = entries.map(({ name, content }) =>
    Buffer.concat([signature('PK\x03\x04'), attributes(name, content), name, content]),
  );
  const central = entries.map(({ name, content }, at) =>
    Buffer.concat([
      signature('PK\x01\x02'),
      uint16(VERSION),
      attributes(name, content),
      uint16(0, 0, 0),
      uint32(0, sizeOf(local.slice(0, at))),
      name,
    ]),
  );
  const end = [
    signature('PK\x05\x06'),
    uint16(0, 0, entries.length, entries.length),
    uint32(sizeOf(central), sizeOf(local)),
    uint16(0),
  ];
  return Buffer.concat([...local, ...central, ...end]);
}

/** The part that the local and the central header share. */
function attributes(name: Buffer, content: Buffer): Buffer {
  return Buffer.concat([
    uint16(VERSION, 0, 0, 0, JANUARY_1980),
    uint32(crc32(content), content.length, content.length),
    uint16(name.length, 0),
  ]);
}

function signature(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function uint16(...values: number[]): Buffer {
  return Buffer.from(Uint16Array.from(values).buffer);
}

function uint32(...values: number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

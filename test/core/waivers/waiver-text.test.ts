import { readWaivers } from '../../../src/core/waivers/read-waivers';
import { textOf } from '../../../src/core/waivers/waiver-text';
import { NOW } from '../support/made';

const FILE = 'waivers.yaml';
const bytesOf = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const read = (bytes: Buffer) => textOf({ size: bytes.length, bytes }, FILE);

test.each(['', 'version: 1\n', 'owner: Zoë 漢 😀 �\n'])('UTF-8 is its text: %j', text => {
  expect(read(Buffer.from(text))).toEqual({ ok: true, value: text });
});

test('a byte order mark changes neither what is read nor where its mistakes are', () => {
  const text = read(bytesOf([0xef, 0xbb, 0xbf], 'version: 2\nwaivers: []\n'));
  expect(text.ok && readWaivers(text.value, { file: FILE, maxLifeDays: 90, now: NOW })).toMatchObject({
    ok: false,
    error: [{ line: 1, column: 1 }],
  });
});

test.each<[string, Buffer, number, number]>([
  ['Latin-1', bytesOf('version: 1\n# Zo', [0xeb], '\n'), 2, 5],
  ['half a character at the end', bytesOf('a: Z', [0xe6, 0xbc]), 1, 5],
  ['a surrogate', bytesOf('漢\n\n漢', [0xed, 0xa0, 0x80]), 3, 2],
  [
    'UTF-16, as PowerShell writes it',
    bytesOf([0xff, 0xfe], Buffer.from('version: 1\n', 'utf16le').toString('latin1')),
    1,
    1,
  ],
])('%s is refused, at its place', (_, bytes, line, column) => {
  expect(read(bytes)).toEqual({
    ok: false,
    error: [
      { file: FILE, line, column, message: 'the file is not UTF-8 from here on; write it again as UTF-8' },
    ],
  });
});

test('more than anybody reads is refused, and not read in part', () => {
  expect(textOf({ size: 1_048_577 }, FILE)).toEqual({
    ok: false,
    error: [
      {
        file: FILE,
        line: 1,
        column: 1,
        message: 'the file has 1048577 bytes, allowed: 1048576; remove those that expired',
      },
    ],
  });
});

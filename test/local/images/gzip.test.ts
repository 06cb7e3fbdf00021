import { gunzipSync } from 'node:zlib';
import { gzip } from '../../../local/images/gzip';

test.each([0, 1, 65_535, 65_536, 200_000])('%d bytes come back', length => {
  const bytes = Buffer.alloc(length, 'layer');

  expect(gunzipSync(gzip(bytes)).equals(bytes)).toBe(true);
});

test('the bytes do not depend on who compresses', () => {
  expect(gzip(Buffer.from('a')).toString('hex')).toBe('1f8b08000000000000ff010100feff6143beb7e801000000');
});

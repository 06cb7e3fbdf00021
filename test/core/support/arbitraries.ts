import * as fc from 'fast-check';
import { derivedId } from '../../../src/core/ids';
import type { Image } from '../../../src/core/image/image';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map(digits => digits.join(''));

/** Also names that end in what looks like a digest. */
const part = fc.oneof(
  fc.constantFrom('team', 'app', 'a-b', 'a_b', 'a.b', 'scans', 'verdicts', '0', 'sha256'),
  hex(64),
);

export function digests(): fc.Arbitrary<string> {
  return hex(64).map(digits => `sha256:${digits}`);
}

export function images(): fc.Arbitrary<Image> {
  return fc.record({
    account: fc.constantFrom('000000000000', '111111111111'),
    region: fc.constantFrom('us-east-1', 'eu-central-1'),
    repository: fc
      .array(part, { minLength: 1, maxLength: 3 })
      .map(parts => parts.join('/'))
      .filter(name => name.length >= 2),
    digest: digests(),
  });
}

export function scanIds(): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map(bytes => derivedId(Buffer.from(bytes).toString('hex')));
}

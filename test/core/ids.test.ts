import * as fc from 'fast-check';
import { derivedId, ScanId } from '../../src/core/ids';
import { sha256Of } from '../../src/core/text/sha256';

describe('ids', () => {
  test('an id that is derived is a ULID, and the same for the same text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(ScanId.safeParse(derivedId(sha256Of(text))).success).toBe(true);
        expect(derivedId(sha256Of(text))).toBe(derivedId(sha256Of(text)));
      }),
      { numRuns: 200 },
    );
  });

  test('other bytes, another id', () => {
    const id = (at: number) => derivedId('01'.padStart(2 * (at + 1), '0').padEnd(64, '0'));
    expect(new Set(Array.from({ length: 16 }, (_, at) => id(at))).size).toBe(16);
    expect(derivedId('f'.repeat(64))).toBe('7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
  });

  test.each([
    '',
    '01JDG',
    '81JDG000000000000000000000',
    '01jdg000000000000000000000',
    '01JDG00000000000000000000I',
    '01JDG000000000000000000000/',
  ])('%j is no scan id', id => {
    expect(ScanId.safeParse(id).success).toBe(false);
  });
});

import * as fc from 'fast-check';
import { derivedId, ScanId } from '../../src/core/ids';

describe('ids', () => {
  test('an id that is derived is a ULID, and the same for the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes => {
        expect(ScanId.safeParse(derivedId(bytes)).success).toBe(true);
        expect(derivedId(bytes)).toBe(derivedId(Uint8Array.from(bytes)));
      }),
      { numRuns: 200 },
    );
  });

  test('other bytes, another id', () => {
    const id = (bytes: number[]) =>
      derivedId(Uint8Array.from([...bytes, ...new Array<number>(32 - bytes.length).fill(0)]));
    expect(
      new Set(Array.from({ length: 16 }, (_, at) => id([...new Array<number>(at).fill(0), 1]))).size,
    ).toBe(16);
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

import * as fc from 'fast-check';
import {
  incomingKey,
  policyKey,
  ScanFile,
  scanKey,
  verdictKey,
} from '../../../src/core/evidence/evidence-keys';
import { imageName } from '../../../src/core/image/image';
import { images, scanIds } from '../support/arbitraries';
import { IMAGE, scanId } from '../support/made';

describe('keys of the evidence', () => {
  test("no image's folder holds another image's keys", () => {
    fc.assert(
      fc.property(images(), images(), scanIds(), (one, other, id) => {
        fc.pre(imageName(one) !== imageName(other));
        const folder = (key: string) => key.slice(0, key.lastIndexOf(id));
        for (const keyOf of [
          (name: string) => verdictKey(name, id),
          (name: string) => scanKey(name, id, ScanFile.report),
        ]) {
          expect(keyOf(imageName(one)).startsWith(folder(keyOf(imageName(other))))).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a repository whose name ends in a digest is not the image of that digest', () => {
    const hex = 'a'.repeat(64);
    const nested = `000000000000.us-east-1/team/app/${hex}@sha256:${hex}`;
    expect(verdictKey(nested, scanId(1)).startsWith(`verdicts/000000000000/us-east-1/team/app@${hex}/`)).toBe(
      false,
    );
  });

  test('each kind has a prefix of its own', () => {
    expect(
      [
        incomingKey(scanId(1), 'run.json'),
        scanKey(IMAGE, scanId(1), ScanFile.scan),
        verdictKey(IMAGE, scanId(1)),
        policyKey('f'.repeat(64)),
      ].map(key => key.split('/')[0]),
    ).toEqual(['incoming', 'scans', 'verdicts', 'policies']);
  });
});

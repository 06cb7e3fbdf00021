import { contradiction, type Comparable } from '../../../src/core/evaluation/contradiction';
import { DATABASE, scanId } from '../support/made';

const SCANNER = { image: 'trivy', version: '0.74.0', buildspec: 'b'.repeat(64) };

function of(changes: Partial<Comparable>): Comparable {
  return {
    outcome: 'PASS',
    scanId: scanId(1),
    scanner: SCANNER,
    database: DATABASE,
    packages: 'one',
    policy: { name: 'p', revision: 1, sha256: 'p1' },
    waivers: { revision: 1, sha256: 'w1' },
    ...changes,
  };
}

const NEXT = { scanId: scanId(2) };

describe('rule 5.9, what was scanned is what runs: a PASS contradicts the verdict that stands', () => {
  test.each<[string, Partial<Comparable>, Partial<Comparable>]>([
    ['it lists other packages', {}, { packages: 'two' }],
    ['it lists other packages than what failed', { outcome: 'FAIL' }, { packages: 'two' }],
    [
      'it lists other packages with a later database',
      {},
      { packages: 'two', database: { updatedAt: '2026-11-26T00:00:00.000Z' } },
    ],
    ['the last scan failed by the same database, policy and waivers', { outcome: 'FAIL' }, {}],
  ])('if %s', (_, previous, next) => {
    expect(contradiction(of(previous), of({ ...NEXT, ...next }))).toMatchObject({ cause: 'SCAN_DIFFERS' });
  });

  test.each<[string, Partial<Comparable>, Partial<Comparable>]>([
    ['it is the same', {}, {}],
    ['it is a FAIL: what is refused outweighs what is unknown', {}, { packages: 'two', outcome: 'FAIL' }],
    ['the scanner changed', {}, { packages: 'two', scanner: { ...SCANNER, buildspec: 'other' } }],
    ['Trivy changed', {}, { packages: 'two', scanner: { ...SCANNER, version: '0.75.0' } }],
    [
      'the Java database changed',
      {},
      { packages: 'two', database: { ...DATABASE, javaUpdatedAt: DATABASE.updatedAt } },
    ],
    [
      'an earlier version of this library did not note the scanner',
      { scanner: { image: 'trivy', version: '0.74.0' } },
      { packages: 'two' },
    ],
    ['an earlier version noted no packages', { packages: undefined }, { packages: 'two' }],
    [
      'a newer database finds what failed fixed',
      { outcome: 'FAIL' },
      { database: { updatedAt: '2026-11-26T00:00:00.000Z' } },
    ],
    ['another policy judges', { outcome: 'FAIL' }, { policy: { name: 'p', revision: 2, sha256: 'p2' } }],
    ['a waiver was added', { outcome: 'FAIL' }, { waivers: { revision: 2, sha256: 'w2' } }],
    ['the same scan is judged again', { outcome: 'FAIL' }, { scanId: scanId(1) }],
  ])('not if %s', (_, previous, next) => {
    expect(contradiction(of(previous), of({ ...NEXT, ...next }))).toBeUndefined();
  });

  test('not without a verdict', () => {
    expect(contradiction(undefined, of({}))).toBeUndefined();
  });
});

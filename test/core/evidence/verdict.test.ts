import { contentOf, summarise, Verdict, VerdictSummary } from '../../../src/core/evidence/verdict';
import { failing, scanId, verdict, violation } from '../support/made';

const LATER = {
  verdictId: scanId(7),
  scanId: scanId(7),
  scanSeq: 7,
  evaluatedAt: '2026-12-01T00:00:00.000Z',
  scannedAt: '2026-12-01T00:00:00.000Z',
  validUntil: '2026-12-04T00:00:00.000Z',
};

describe('what a verdict says', () => {
  test('is the same whenever it is said, by whichever scan, in any order', () => {
    const violations = [violation({ fingerprint: '1' }), violation({ fingerprint: '2' })];
    expect(contentOf(failing({ ...LATER, violations: [...violations].reverse() }))).toBe(
      contentOf(failing({ violations })),
    );
  });

  test.each<[string, Partial<Verdict>]>([
    ['another outcome', { outcome: 'PASS' }],
    ['one violation more', { violationCount: 2 }],
    ['another violation', { violations: [violation({ fingerprint: 'other' })] }],
    ['another platform', { violations: [violation({ platform: 'linux/arm64' })] }],
    ['another rule', { violations: [violation({ rule: 'secrets' })] }],
    ['none', { violations: [] }],
  ])('is something else with %s', (_, changes) => {
    expect(contentOf(failing({ violations: [violation()], ...changes }))).not.toBe(
      contentOf(failing({ violations: [violation()] })),
    );
  });

  test('of an index: also which of its images are refused, since two may be of one platform', () => {
    const refusing = (refused: string) =>
      contentOf(
        failing({
          kind: 'index',
          children: ['a', 'b'].map(hex => ({
            digest: `sha256:${hex.repeat(64)}`,
            platform: 'grace periods/amd64',
            outcome: hex === refused ? 'FAIL' : 'PASS',
            verdictId: scanId(1),
          })),
        }),
      );
    expect(refusing('a')).not.toBe(refusing('b'));
    expect(refusing('a')).toBe(refusing('a'));
  });

  test('counts by its message if it has no fingerprint', () => {
    const without = (message: string) =>
      contentOf(failing({ violations: [{ rule: 'runs-as-root', message, remedy: 'x' }] }));
    expect(without('as root')).not.toBe(without('as user "0", which is root'));
  });
});

describe('what the register keeps of it', () => {
  test('is a summary by its own schema, with the worst violations, their rules and what to do', () => {
    const kept = summarise(failing(), { evidenceKey: 'verdicts/1.json', sha256: 'e' }, 5);
    expect(VerdictSummary.parse(kept)).toEqual(kept);
    expect(kept).toMatchObject({
      outcome: 'FAIL',
      policyRevision: 1,
      databaseUpdatedAt: failing().database.updatedAt,
      worst: [
        'vulnerabilities: CRITICAL CVE-2021-44906 in minimist 0.0.8 (app/node_modules/minimist/package.json): minimist: prototype pollution in setKey; upgrade minimist to 0.2.4, 1.2.6',
      ],
    });
  });

  test('is no longer than asked for', () => {
    expect(
      summarise(
        failing({ violations: Array.from({ length: 9 }, () => violation({ message: 'x'.repeat(999) })) }),
        { evidenceKey: '', sha256: '' },
        5,
      ).worst.map(({ length }) => length),
    ).toEqual(new Array(5).fill(298));
  });
});

test.each<[string, object]>([
  ['an outcome that is neither', { outcome: 'ERROR' }],
  ['a schema of tomorrow', { schema: 2 }],
  ['no end', { validUntil: undefined }],
  ['an end that is no time', { validUntil: 'never' }],
  ['an image by tag', { image: 'team/app:latest' }],
  ['an id that is a path', { verdictId: '../../x' }],
])('a verdict with %s is none', (_, changes) => {
  expect(Verdict.safeParse({ ...verdict(), ...changes }).success).toBe(false);
});

import * as fc from 'fast-check';
import { foldIndex } from '../../../src/core/evaluation/fold-index';
import { Verdict } from '../../../src/core/evidence/verdict';
import { newRow } from '../../../src/core/register/row';
import { isNewer, withVerdict } from '../../../src/core/register/transitions';
import { failing, IMAGE, minutes, NOW, scanId, summary, verdict, violation } from '../support/made';

const child = (number: number, of?: Verdict) => ({
  digest: `sha256:${String(number).padStart(64, '0')}`,
  platform: `linux/${number}`,
  ...(of !== undefined && { verdict: { ...of, verdictId: scanId(number) } }),
});

function folded(...children: ReturnType<typeof child>[]): Verdict {
  const outcome = foldIndex({ image: IMAGE, children, now: NOW });
  if (!('verdict' in outcome)) throw new Error(JSON.stringify(outcome));
  return outcome.verdict;
}

describe('an index is the worst of its children (rule 4.8, indexes)', () => {
  test('all PASS: PASS', () => {
    expect(folded(child(1, verdict()), child(2, verdict()))).toMatchObject({
      outcome: 'PASS',
      kind: 'index',
      image: IMAGE,
      violations: [],
    });
  });

  test('one FAIL: FAIL, and it says of which platform', () => {
    const { outcome, violations, violationCount, children } = folded(
      child(1, verdict()),
      child(2, failing()),
    );
    expect({ outcome, violationCount, platforms: violations.map(({ platform }) => platform) }).toEqual({
      outcome: 'FAIL',
      violationCount: 1,
      platforms: ['linux/2'],
    });
    expect(children?.map(each => each.outcome)).toEqual(['PASS', 'FAIL']);
  });

  test('one without a verdict: none, whatever the others say', () => {
    expect(foldIndex({ image: IMAGE, children: [child(1, failing()), child(2)], now: NOW })).toEqual({
      waitingFor: [child(2)],
    });
  });

  test('no children: none', () => {
    expect(foldIndex({ image: IMAGE, children: [], now: NOW })).toEqual({ waitingFor: [] });
  });

  test('any mix of children: PASS only if each of them passed, and no longer than each of them does', () => {
    const children = fc.array(
      fc.record({
        outcome: fc.constantFrom('PASS', 'FAIL', 'NONE'),
        hours: fc.integer({ min: 1, max: 100 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(children, list => {
        const outcome = foldIndex({
          image: IMAGE,
          now: NOW,
          children: list.map((each, at) =>
            child(
              at,
              each.outcome === 'NONE'
                ? undefined
                : {
                    ...(each.outcome === 'PASS' ? verdict() : failing()),
                    validUntil: minutes(each.hours * 60).toISOString(),
                  },
            ),
          ),
        });
        expect('verdict' in outcome).toBe(list.every(each => each.outcome !== 'NONE'));
        if (!('verdict' in outcome)) return;
        expect(outcome.verdict.outcome === 'PASS').toBe(list.every(each => each.outcome === 'PASS'));
        expect(outcome.verdict.validUntil).toBe(
          minutes(Math.min(...list.map(each => each.hours)) * 60).toISOString(),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('is as old as the oldest: policy, database, scan', () => {
    const older = verdict({
      policy: { name: 'old', revision: 1, sha256: '1' },
      database: { updatedAt: '2026-11-01T00:00:00.000Z' },
      scannedAt: '2026-11-02T00:00:00.000Z',
    });
    expect(
      folded(child(1, verdict({ policy: { name: 'new', revision: 2, sha256: '2' } })), child(2, older)),
    ).toMatchObject({ policy: { revision: 1 }, database: older.database, scannedAt: older.scannedAt });
  });

  test.each([
    [[false, false], undefined],
    [[true, false], true],
    [[false, true], true],
    [[true, true], true],
  ])('audits %j: it is one of an audit if one of them is: %s', (audits, audit) => {
    const children = audits.map((isAudit, at) =>
      child(
        at,
        verdict({
          policy: { name: 'p', revision: at, sha256: 'f', ...(isAudit && { audit: true as const }) },
        }),
      ),
    );
    expect(folded(...children).policy.audit).toBe(audit);
  });

  test('the same children, the same id, in any order; another verdict of a child, another id', () => {
    const id = folded(child(1, verdict()), child(2, verdict())).verdictId;
    expect(folded(child(2, verdict()), child(1, verdict())).verdictId).toBe(id);
    expect(folded(child(1, verdict()), child(3, verdict())).verdictId).not.toBe(id);
  });

  test('replaces its verdict whenever a child was scanned again (rule 4.2, optimistic locking)', () => {
    const row = withVerdict(
      newRow(IMAGE),
      summary(folded(child(1, verdict({ scanSeq: 2 })), child(2, verdict({ scanSeq: 5 })))),
    );
    expect(
      isNewer(summary(folded(child(1, verdict({ scanSeq: 3 })), child(2, verdict({ scanSeq: 5 })))), row),
    ).toBe(true);
    expect(
      isNewer(summary(folded(child(1, verdict({ scanSeq: 2 })), child(2, verdict({ scanSeq: 4 })))), row),
    ).toBe(false);
  });

  test('counts findings and rules of all children, each rule once', () => {
    const twice = [
      {
        rule: 'vulnerabilities',
        action: 'deny' as const,
        outcome: 'pass' as const,
        count: 0,
        waived: 0,
        deferred: 1,
      },
      {
        rule: 'vulnerabilities',
        action: 'deny' as const,
        outcome: 'violated' as const,
        count: 2,
        waived: 3,
        deferred: 0,
      },
    ];
    const { counts, rules } = folded(
      child(1, failing({ rules: twice })),
      child(
        2,
        failing({
          rules: [
            ...twice,
            {
              rule: 'of-the-newer-policy',
              action: 'warn',
              outcome: 'pass',
              count: 0,
              waived: 0,
              deferred: 0,
            },
          ],
        }),
      ),
    );
    expect(counts.CRITICAL).toBe(failing().counts.CRITICAL * 2);
    expect(rules).toEqual([
      { rule: 'vulnerabilities', action: 'deny', outcome: 'violated', count: 4, waived: 6, deferred: 2 },
      { rule: 'of-the-newer-policy', action: 'warn', outcome: 'pass', count: 0, waived: 0, deferred: 0 },
    ]);
  });

  test('lists at most 500 violations, the worst first, and is a verdict like any other', () => {
    const many = failing({
      violations: Array.from({ length: 400 }, (_, at) =>
        violation({ id: `CVE-${at}`, severity: at % 2 === 0 ? 'LOW' : 'CRITICAL' }),
      ),
      violationCount: 400,
    });
    const index = folded(child(1, many), child(2, many));
    expect([index.violations.length, index.violationCount]).toEqual([500, 800]);
    expect(index.violations.slice(0, 400).every(({ severity }) => severity === 'CRITICAL')).toBe(true);
    expect(Verdict.parse(index)).toEqual(index);
  });
});

import * as fc from 'fast-check';
import { findingChanges, FindingRow, type Projection } from '../../../src/core/findings/changes';
import type { Finding } from '../../../src/core/scanning/finding';
import { normalise } from '../../../src/core/scanning/normalise';
import { HOSTILE } from '../support/hostile';
import { IMAGE, NOW, scanId } from '../support/made';
import { parsed, rawReport, report } from '../support/reports';

const FINDINGS = normalise(report('alpine-eol'));

function projection(findings: readonly Finding[], changes: Partial<Projection> = {}): Projection {
  const nothing = {
    violating: new Set<string>(),
    waived: new Map<string, never>(),
    firstSeenAt: new Map<string, string>(),
  };
  return {
    image: IMAGE,
    findings,
    ...nothing,
    scannedAt: NOW.toISOString(),
    verdictId: scanId(1),
    ...changes,
  };
}

/** What lies in the table after the rows are written. */
function written(existing: readonly FindingRow[], wanted: Projection): FindingRow[] {
  return [...new Map([...existing, ...findingChanges(existing, wanted)].map(row => [row.sk, row])).values()];
}

/** DynamoDB's own count: names and values. */
function size(row: FindingRow): number {
  return Object.entries(row).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name) + (typeof value === 'boolean' ? 1 : Buffer.byteLength(value)),
    0,
  );
}

describe('the findings table says what the verdict says', () => {
  const existing = findingChanges([], projection(FINDINGS));

  test('a first scan writes a row for each finding', () => {
    expect(existing).toHaveLength(FINDINGS.length);
    for (const row of existing) expect(FindingRow.parse(row)).toEqual(row);
    expect(
      existing.every(
        ({ status, pk, sk }) => status === 'OPEN' && pk === IMAGE && /^FINDING#[0-9a-f]{32}$/.test(sk),
      ),
    ).toBe(true);
  });

  test('a rescan that finds the same writes nothing', () => {
    const firstSeenAt = new Map(FINDINGS.map(({ fingerprint }) => [fingerprint, NOW.toISOString()]));
    expect(
      findingChanges(
        existing,
        projection(FINDINGS, { scannedAt: '2026-12-01T00:00:00.000Z', verdictId: scanId(2), firstSeenAt }),
      ),
    ).toEqual([]);
  });

  test('what vanished is FIXED, once', () => {
    const [gone, ...rest] = FINDINGS;
    const changes = findingChanges(existing, projection(rest, { verdictId: scanId(2) }));
    expect(changes).toEqual([
      {
        ...existing.find(({ sk }) => sk.endsWith(gone.fingerprint)),
        status: 'FIXED',
        violates: false,
        verdictId: scanId(2),
      },
    ]);
    expect(findingChanges(written(existing, projection(rest)), projection(rest))).toEqual([]);
  });

  test('what comes back is OPEN again', () => {
    const [gone, ...rest] = FINDINGS;
    const after = written(written(existing, projection(rest)), projection(FINDINGS));
    expect(after.find(({ sk }) => sk.endsWith(gone.fingerprint))?.status).toBe('OPEN');
  });

  test.each<[string, (finding: Finding) => Finding]>([
    ['has a fix now', finding => ({ ...finding, fixedVersion: '9.9' })],
    ['is worse now', finding => ({ ...finding, severity: 'UNKNOWN' })],
    ['is in another version', finding => ({ ...finding, installedVersion: '0' })],
  ])('one that %s is written, and no other', (_, change) => {
    const [first, ...rest] = FINDINGS;
    expect(findingChanges(existing, projection([change(first), ...rest])).map(({ sk }) => sk)).toEqual([
      `FINDING#${first.fingerprint}`,
    ]);
  });

  test('a policy that refuses one more writes that one', () => {
    expect(
      findingChanges(existing, projection(FINDINGS, { violating: new Set([FINDINGS[3].fingerprint]) })).map(
        ({ sk, violates }) => [sk, violates],
      ),
    ).toEqual([[`FINDING#${FINDINGS[3].fingerprint}`, true]]);
  });

  describe('one that is waived', () => {
    const [first, second] = FINDINGS as [Finding, Finding];
    const waived = new Map([[first.fingerprint, { who: 'alice@example.com', lastDay: '2026-12-31' }]]);
    const rowOf = (table: readonly FindingRow[], { fingerprint }: Finding) =>
      table.find(({ sk }) => sk.endsWith(fingerprint));

    test('says by whom and until when; no other row is written', () => {
      expect(findingChanges(existing, projection(FINDINGS, { waived, verdictId: scanId(2) }))).toEqual([
        {
          ...rowOf(existing, first),
          status: 'WAIVED',
          waivedBy: 'alice@example.com',
          waivedUntil: '2026-12-31',
          verdictId: scanId(2),
        },
      ]);
    });

    test('is OPEN again when the waiver ends, and keeps nothing of it', () => {
      const table = written(existing, projection(FINDINGS, { waived }));
      expect(rowOf(written(table, projection(FINDINGS)), first)).toEqual(rowOf(existing, first));
    });

    test('is FIXED when it vanished, and keeps nothing of it', () => {
      const gone = rowOf(
        written(written(existing, projection(FINDINGS, { waived })), projection([second])),
        first,
      );
      expect(gone).toEqual({ ...rowOf(existing, first), status: 'FIXED' });
    });

    test.each([
      { who: 'bob@example.com', lastDay: '2026-12-31' },
      { who: 'alice@example.com', lastDay: '2027-01-31' },
      { who: 'alice@example.com' },
    ])('is written when it is said anew: %j', said => {
      const table = written(existing, projection(FINDINGS, { waived }));
      expect(
        findingChanges(table, projection(FINDINGS, { waived: new Map([[first.fingerprint, said]]) })),
      ).toMatchObject([{ waivedBy: said.who, status: 'WAIVED' }]);
    });

    test('stays OPEN where a rule refuses it all the same', () => {
      const violating = new Set([first.fingerprint]);
      expect(rowOf(written(existing, projection(FINDINGS, { waived, violating })), first)).toEqual({
        ...rowOf(existing, first),
        violates: true,
      });
    });
  });

  test('any scan after any other: what is written is what must be, and a second time nothing', () => {
    const some = () => fc.subarray(FINDINGS);
    const waivedOf = (findings: readonly Finding[]) =>
      new Map(findings.map(({ fingerprint }) => [fingerprint, { who: 'alice@example.com' }]));
    fc.assert(
      fc.property(some(), some(), some(), some(), some(), (before, after, refused, waivedBefore, waived) => {
        const wanted = projection(after, {
          violating: new Set(refused.map(({ fingerprint }) => fingerprint)),
          waived: waivedOf(waived),
        });
        const table = written(
          findingChanges([], projection(before, { waived: waivedOf(waivedBefore) })),
          wanted,
        );
        expect(
          table
            .filter(({ status }) => status !== 'FIXED')
            .map(({ sk }) => sk)
            .sort(),
        ).toEqual(after.map(({ fingerprint }) => `FINDING#${fingerprint}`).sort());
        expect(table.filter(({ violates }) => violates).every(({ status }) => status === 'OPEN')).toBe(true);
        expect(
          table.every(({ status, waivedBy }) => (status === 'WAIVED') === (waivedBy !== undefined)),
        ).toBe(true);
        expect(findingChanges(table, wanted)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('one CVE is spread over the partitions of its index', () => {
    const rows = findingChanges(
      [],
      projection(
        Array.from({ length: 16 }, (_, at) => ({
          ...FINDINGS[0],
          fingerprint: `${at.toString(16)}${'0'.repeat(19)}`,
        })),
      ),
    );
    expect(new Set(rows.map(({ vulnerabilityPk }) => vulnerabilityPk)).size).toBe(16);
  });
});

describe('a row has at most 1 KB', () => {
  const LONGEST = `000000000000.ap-southeast-99/${'r'.repeat(256)}@sha256:${'a'.repeat(64)}`;

  test.each([...HOSTILE, '漢'.repeat(400), 'é'.repeat(400)])('whatever stands in it: %j', hostile => {
    const raw = rawReport('fixable-critical');
    raw.Results[1].Vulnerabilities = raw.Results[1].Vulnerabilities.map((each: object) => ({
      ...each,
      VulnerabilityID: `CVE-${hostile}`,
      PkgName: hostile,
      PkgPath: hostile,
      InstalledVersion: hostile,
      FixedVersion: hostile,
    }));
    raw.Results.push({
      Target: hostile,
      Class: 'secret',
      Secrets: [{ RuleID: hostile, Severity: 'HIGH', Title: hostile }],
    });
    const findings = normalise(parsed(raw));
    const waived = new Map(
      findings.map(({ fingerprint }) => [fingerprint, { who: hostile, lastDay: '2026-12-31' }]),
    );
    for (const row of findingChanges([], projection(findings, { image: LONGEST, waived }))) {
      expect(row.status).toBe('WAIVED');
      expect(size(row)).toBeLessThanOrEqual(1024);
      expect(JSON.stringify(row)).not.toMatch(/\\ud[89a-f]/i);
    }
  });

  test('also where everything in it is as long as it may be', () => {
    const long = 'x'.repeat(400);
    const texts = {
      id: long,
      package: long,
      installedVersion: long,
      fixedVersion: long,
      path: long,
      fingerprint: 'f'.repeat(32),
    };
    const finding: Finding = { ...FINDINGS[0]!, ...texts, type: 'vulnerability', severity: 'CRITICAL' };
    const waived = new Map([[finding.fingerprint, { who: long, lastDay: '2026-12-31' }]]);
    const [row] = findingChanges([], projection([finding], { image: LONGEST, waived })) as [FindingRow];
    expect(Object.keys(row)).toHaveLength(Object.keys(FindingRow.shape).length);
    expect(size(row)).toBe(1022);
  });
});

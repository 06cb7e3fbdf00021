import * as fc from 'fast-check';
import type { VerdictSummary } from '../../../src/core/evidence/verdict';
import { Limit } from '../../../src/core/limits';
import { duePartition, newRow, RegisterRow } from '../../../src/core/register/row';
import {
  withEmptyOutbox,
  isNewer,
  toWrite,
  withFailedScan,
  withHoldEnded,
  withoutLease,
  withParent,
  withTag,
  withVerdict,
} from '../../../src/core/register/transitions';
import { Cause, CAUSES, nextFailedScan, type FailedScan } from '../../../src/core/scanning/failed-scan';
import { HOSTILE } from '../support/hostile';
import { DIGEST, failing, IMAGE, minutes, NOW, scanId, summary, verdict, violation } from '../support/made';

const NEW: RegisterRow = { ...newRow(IMAGE), kind: 'image' };
const PASS = summary(verdict());
const FAIL = summary(failing());
const lease = {
  scanId: scanId(1),
  at: NOW.toISOString(),
  until: minutes(60).toISOString(),
  configDigest: DIGEST,
  buildRevision: 'revision-1',
  reason: 'push' as const,
  scanSeq: 1,
  buildId: 'scans:1',
};
const failedScan = (cause: Cause = 'BUILD_FAULT', id = 1, at = NOW, previous?: FailedScan) =>
  nextFailedScan(previous, { cause, detail: 'x' }, at, scanId(id));

describe('a verdict on record', () => {
  test('takes the place of the one before, ends its scan lease and the failures since, and is to be published', () => {
    const row = withVerdict(withFailedScan({ ...NEW, lease }, failedScan('BUILD_FAULT', 2)), PASS);
    expect(row).toMatchObject({ verdict: PASS, scanSeq: 1, policyRevision: 1, outbox: ['verdict'] });
    expect([row.lease, row.lastFailedScan, row.replaced]).toEqual([undefined, undefined, undefined]);
  });

  test('leaves the scan lease of another scan, which is still under way (rule 4.6, scan lease)', () => {
    expect(withVerdict({ ...NEW, lease: { ...lease, scanId: scanId(2) } }, PASS).lease?.scanId).toBe(
      scanId(2),
    );
  });

  test('remembers what was published last, so that the event says what changed', () => {
    const first = withVerdict(NEW, PASS);
    const second = withVerdict(withEmptyOutbox(first), FAIL);
    expect(second.replaced).toEqual({
      outcome: 'PASS',
      content: PASS.content,
      evidenceKey: PASS.evidenceKey,
      sha256: PASS.sha256,
    });
    // the FAIL in between was never published
    expect(withVerdict(second, PASS).replaced).toEqual(second.replaced);
    expect(withVerdict(first, FAIL).replaced).toBeUndefined();
  });
});

describe('a failed scan on record (rule 4.4, failed scans keep the verdict)', () => {
  test.each(Object.keys(CAUSES) as Cause[])('%s never replaces a verdict', cause => {
    const row = withFailedScan(withVerdict(NEW, PASS), failedScan(cause));
    expect(row).toMatchObject({ verdict: PASS, lastFailedScan: { cause } });
  });

  test('ends the scan lease of its own scan, and of no other', () => {
    expect(withFailedScan({ ...NEW, lease }, failedScan('BUILD_FAULT', 1)).lease).toBeUndefined();
    expect(withFailedScan({ ...NEW, lease }, failedScan('BUILD_FAULT', 2)).lease).toEqual(lease);
  });

  test("does not take the verdict's event away, and is itself published once", () => {
    const row = withFailedScan(withVerdict(NEW, PASS), failedScan());
    expect(row.outbox).toEqual(['verdict', 'failed-scan']);
    expect(withFailedScan(row, failedScan()).outbox).toEqual(['verdict', 'failed-scan']);
  });
});

/** What may happen to a row, as the handlers do it: guarded by the row's version, and by isNewer. */
interface Step {
  readonly kind: 'lease' | 'verdict' | 'failed-scan' | 'publish' | 'tag' | 'parent' | 'late';
  readonly fails: boolean;
  readonly revision: number;
  readonly cause: Cause;
  readonly seq: number;
}

const step = fc.record<Step>({
  kind: fc.constantFrom('lease', 'verdict', 'failed-scan', 'publish', 'tag', 'parent', 'late'),
  fails: fc.boolean(),
  revision: fc.integer({ min: 0, max: 4 }),
  cause: fc.constantFrom(...(Object.keys(CAUSES) as Cause[])),
  seq: fc.integer({ min: 1, max: 5 }),
});

function verdictBy(step_: Step, scanSeq: number): VerdictSummary {
  const of = step_.fails ? failing() : verdict();
  return summary({
    ...of,
    scanSeq,
    scanId: scanId(scanSeq),
    policy: { ...of.policy, revision: step_.revision },
  });
}

function next(row: RegisterRow, each: Step, now: Date): RegisterRow {
  switch (each.kind) {
    case 'lease': {
      const scanSeq = row.scanSeq + 1;
      return {
        ...row,
        scanSeq,
        lease: { ...lease, scanId: scanId(scanSeq), scanSeq, at: now.toISOString() },
      };
    }
    case 'verdict': {
      const of = verdictBy(each, row.lease?.scanSeq ?? row.scanSeq);
      return isNewer(of, row) ? withVerdict(row, of) : withoutLease(row, of.scanId);
    }
    case 'late': {
      const of = verdictBy(each, Math.min(each.seq, row.scanSeq));
      return isNewer(of, row) ? withVerdict(row, of) : withoutLease(row, of.scanId);
    }
    case 'failed-scan':
      return withFailedScan(
        row,
        nextFailedScan(row.lastFailedScan, { cause: each.cause, detail: 'x' }, now, row.lease?.scanId),
      );
    case 'publish':
      return withEmptyOutbox(row);
    case 'tag':
      return withTag(row, `v${each.seq}`);
    case 'parent':
      return withParent(row, `sha256:${String(each.seq).padStart(64, '0')}`);
  }
}

describe('whatever happens to a row, in any order (rule 4.2, optimistic locking)', () => {
  test('no counter goes back, no verdict gets lost, what is not published stays so, and the row is one that can be read', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        let row = NEW;
        steps.forEach((each, at) => {
          const now = minutes(at * 7);
          const written = toWrite(next(row, each, now), now);
          expect(RegisterRow.parse(written)).toEqual(written);
          expect(written.rowVersion).toBe(row.rowVersion + 1);
          for (const counter of ['scanSeq', 'policyRevision', 'waiverRevision'] as const) {
            expect(written[counter]).toBeGreaterThanOrEqual(row[counter]);
          }
          if (row.verdict !== undefined) expect(written.verdict).toBeDefined();
          if (row.verdict !== undefined && written.verdict !== undefined) {
            expect(written.verdict.scanSeq).toBeGreaterThanOrEqual(row.verdict.scanSeq);
          }
          if (each.kind === 'failed-scan') expect(written.verdict).toEqual(row.verdict);
          if (each.kind !== 'publish' && row.outbox?.includes('verdict') === true) {
            expect(written.outbox).toContain('verdict');
          }
          if (written.verdict !== row.verdict) expect(written.outbox).toContain('verdict');
          if (each.kind === 'failed-scan') expect(written.outbox).toContain('failed-scan');
          const waits = written.outbox ?? written.lease ?? written.lastFailedScan?.retryAt;
          if (waits !== undefined) expect(written.dueSk).toBeDefined();
          row = written;
        });
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, Partial<VerdictSummary>, boolean]>([
    ['of the same scan by the same policy', {}, true],
    ['of a later scan', { scanSeq: 6 }, true],
    ['of an earlier scan', { scanSeq: 4 }, false],
    ['by a newer policy', { policyRevision: 4 }, true],
    ['by an older policy', { policyRevision: 2 }, false],
    ['of a later scan by an older policy', { scanSeq: 6, policyRevision: 2 }, false],
    ['of an earlier scan by a newer policy', { scanSeq: 4, policyRevision: 4 }, false],
  ])('a verdict %s', (_, changes, replaces) => {
    const standing = { ...PASS, scanSeq: 5, policyRevision: 3 };
    expect(isNewer({ ...standing, ...changes }, { ...withVerdict(NEW, standing), scanSeq: 9 })).toBe(
      replaces,
    );
  });

  test('a first verdict always counts', () => {
    expect(isNewer(PASS, NEW)).toBe(true);
  });
});

describe('a row as it is written', () => {
  test('has its due time by day, and loses it when nothing is due any more', () => {
    const written = toWrite(withEmptyOutbox(withVerdict(NEW, PASS)), NOW);
    expect(written).toMatchObject({
      duePk: duePartition('2026-11-26', 'a'),
      dueSk: minutes(24 * 60).toISOString(),
    });
    expect(toWrite({ ...written, verdict: FAIL }, NOW)).not.toHaveProperty('dueSk');
  });
});

describe('lists have an end', () => {
  test('tags: the ten newest, each once', () => {
    const row = Array.from({ length: 30 }, (_, at) => `v${at}`).reduce<RegisterRow>(
      (before, tag) => withTag(before, tag),
      NEW,
    );
    expect(row.tags).toEqual(Array.from({ length: Limit.rowTags }, (_, at) => `v${29 - at}`));
    expect(withTag(row, 'v29')).toBe(row);
    expect(withTag(row, undefined)).toBe(row);
  });

  test('parents: the twenty newest, each once', () => {
    const digest = (at: number) => `sha256:${String(at).padStart(64, '0')}`;
    const row = Array.from({ length: 30 }, (_, at) => digest(at)).reduce<RegisterRow>(
      (before, parent) => withParent(before, parent),
      NEW,
    );
    expect(row.parents).toHaveLength(Limit.rowParents);
    expect(row.parents?.[0]).toBe(digest(29));
    expect(withParent(row, digest(29))).toBe(row);
  });

  test('a row has at most 4 KB of what a stranger wrote, whatever it is', () => {
    for (const text of HOSTILE) {
      const { worst } = summary(
        failing({
          violations: Array.from({ length: 500 }, () => violation({ message: text, remedy: text })),
        }),
      );
      expect(Buffer.byteLength(JSON.stringify(worst))).toBeLessThan(4096);
      expect(JSON.stringify(worst)).not.toMatch(/\\ud[89a-f]/i);
    }
  });
});

describe('a hold of the brake', () => {
  const since = minutes(5).toISOString();
  const HELD = { verdictId: FAIL.verdictId, since, until: since, pulledAt: since, because: 'many' };
  const row = withVerdict(NEW, { ...FAIL, evaluatedAt: since }, HELD);
  const end = { verdictId: FAIL.verdictId, since, pulledAt: since };
  const at = (offset: number) => new Date(Date.parse(since) + offset).toISOString();

  test.each<[string, RegisterRow, object]>([
    [
      'a PASS',
      withVerdict(row, { ...PASS, evaluatedAt: at(9) }),
      { ...end, outcome: 'PASS', endedAt: at(9) },
    ],
    [
      'a FAIL that is not held',
      withVerdict(row, { ...FAIL, evaluatedAt: at(9) }),
      { ...end, outcome: 'FAIL', endedAt: at(9) },
    ],
    ['its end', withHoldEnded(row, FAIL, new Date(at(9))), { ...end, outcome: 'FAIL', endedAt: at(9) }],
    [
      'a verdict whose function began before it',
      withVerdict(row, { ...PASS, evaluatedAt: at(-9) }),
      { ...end, outcome: 'PASS', endedAt: at(1) },
    ],
  ])('that %s ends is published with the outbox, once, and after its beginning', (_, ended, expected) => {
    expect(ended.held).toBeUndefined();
    expect(ended.endedHold).toEqual(expected);
    expect(RegisterRow.parse(ended)).toEqual(ended);
    expect(withVerdict(ended, FAIL, HELD)).toMatchObject({ held: HELD, endedHold: expected });
    expect(withEmptyOutbox(ended)).not.toHaveProperty('endedHold');
  });

  test('that goes on has not ended', () => {
    expect(withVerdict(row, FAIL, HELD)).not.toHaveProperty('endedHold');
    expect(withVerdict(NEW, FAIL)).not.toHaveProperty('endedHold');
  });
});

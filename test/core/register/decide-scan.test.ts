import * as fc from 'fast-check';
import { decideScan } from '../../../src/core/register/decide-scan';
import { newRow, type ScanLease, type RegisterRow } from '../../../src/core/register/row';
import { withFailedScan, withVerdict } from '../../../src/core/register/transitions';
import { nextFailedScan, type FailedScan } from '../../../src/core/scanning/failed-scan';
import type { ScanReason } from '../../../src/core/scanning/scan-request';
import { DIGEST, IMAGE, minutes, NOW, scanId, summary, verdict } from '../support/made';

const NEW = newRow(IMAGE);
const REASONS: ScanReason[] = ['push', 'untagged-push', 'index', 'retry', 'renewal', 'reconcile', 'request'];

function lease(at: Date, changes: Partial<ScanLease> = {}): ScanLease {
  return {
    scanId: scanId(1),
    at: at.toISOString(),
    until: minutes(60, at).toISOString(),
    configDigest: DIGEST,
    buildRevision: 'revision-1',
    reason: 'push' as const,
    scanSeq: 1,
    buildId: 'scans:1',
    ...changes,
  };
}

const leased = (at: Date, changes: Partial<ScanLease> = {}): RegisterRow => ({
  ...NEW,
  kind: 'image',
  lease: lease(at, changes),
});
const judged = (at: Date): RegisterRow =>
  withVerdict({ ...NEW, kind: 'image' }, summary(verdict({ scannedAt: at.toISOString() })));
const tried = (row: RegisterRow, at: Date, cause: FailedScan['cause'], times = 1): RegisterRow => {
  let result = row;
  for (let count = 0; count < times; count++) {
    result = withFailedScan(result, nextFailedScan(result.lastFailedScan, { cause, detail: 'x' }, at));
  }
  return result;
};
const decide = (row: RegisterRow, reason: ScanReason, at = NOW, now = NOW) =>
  decideScan(row, { reason, at: at.toISOString() }, now).action;

describe('whether an image is scanned (rules 4.1, 4.6)', () => {
  test.each(REASONS)('an image that nobody has seen, asked for by %s', reason => {
    expect(decide(NEW, reason)).toBe(reason === 'retry' ? 'skip' : 'scan');
  });

  test.each(REASONS)('never twice at once: a scan that is under way, asked for by %s', reason => {
    expect(decide(leased(minutes(-10)), reason)).toBe('skip');
    expect(decide(leased(minutes(-59)), reason)).toBe('skip');
  });

  test.each(REASONS.filter(reason => reason !== 'retry'))(
    'a scan whose lease ended is done again, asked for by %s',
    reason => {
      expect(decide(leased(minutes(-61)), reason)).toBe('scan');
    },
  );

  test.each([
    ['push', 'skip'],
    ['untagged-push', 'skip'],
    ['index', 'skip'],
    ['reconcile', 'skip'],
    ['retry', 'skip'],
    ['renewal', 'scan'],
    ['request', 'scan'],
  ] as const)('an image with a verdict, asked for by %s: %s', (reason, action) => {
    expect(decide(judged(minutes(-60)), reason)).toBe(action);
  });

  test.each(['push', 'untagged-push', 'index', 'reconcile'] as const)(
    'an image whose PASS expired and that nobody renewed, asked for by %s (rule 4.5, expiry and grace periods)',
    reason => {
      const late = new Date(Date.parse(judged(NOW).verdict!.validUntil));
      expect(decide(judged(NOW), reason, late, late)).toBe('scan');
      expect(decide(judged(NOW), reason, late, new Date(late.getTime() - 1))).toBe('skip');
    },
  );

  test.each(['renewal', 'request'] as const)('a %s that a later scan covers is none', reason => {
    expect(decide(judged(minutes(-5)), reason, minutes(-6))).toBe('skip');
    expect(decide(judged(minutes(-5)), reason, minutes(-5))).toBe('skip');
    expect(decide(judged(minutes(-5)), reason, minutes(-4))).toBe('scan');
    expect(decide(tried(judged(minutes(-50)), minutes(-5), 'IMAGE_GONE'), reason, minutes(-6))).toBe('skip');
  });

  test('a retry is done when it is due, waits until then, and is none where none is due', () => {
    const row = tried(NEW, NOW, 'BUILD_FAULT');
    expect(decideScan(row, { reason: 'retry', at: NOW.toISOString() }, minutes(1))).toEqual({
      action: 'wait',
      seconds: 60,
      why: 'its retry is not due yet',
    });
    expect(decide(row, 'retry', NOW, minutes(2))).toBe('scan');
    expect(decide(tried(NEW, NOW, 'UNSCANNABLE'), 'retry', NOW, minutes(60))).toBe('skip');
    expect(decide(tried(NEW, NOW, 'BUILD_FAULT', 4), 'retry', NOW, minutes(600))).toBe('skip');
  });

  test('a new push after a failure that does not pass by itself is scanned; the push that failed is not, and neither is what reconcile finds', () => {
    const row = tried(NEW, minutes(-10), 'UNSCANNABLE');
    expect(decide(row, 'push', minutes(-5))).toBe('scan');
    expect(decide(row, 'push', minutes(-11))).toBe('skip');
    expect(decide(row, 'reconcile')).toBe('skip');
  });

  test('what waits for its retry is not scanned before, also when it is pushed again', () => {
    expect(decide(tried(NEW, NOW, 'BUILD_FAULT'), 'push', minutes(1), minutes(1))).toBe('skip');
  });

  test.each([
    [30, { action: 'wait', seconds: 30 }],
    [59.5, { action: 'wait', seconds: 1 }],
    [60, { action: 'resume' }],
    [279, { action: 'resume' }],
    [280, { action: 'wait', seconds: 900 }],
    [3599, { action: 'wait', seconds: 1 }],
    [3600, { action: 'scan' }],
  ])('a scan lease without a build, after %d s', (seconds, decision) => {
    expect(
      decideScan(
        leased(NOW, { buildId: undefined }),
        { reason: 'push', at: NOW.toISOString() },
        new Date(NOW.getTime() + seconds * 1000),
      ),
    ).toMatchObject(decision);
  });
});

/** The register and the queue, without either: what is asked, leased, lost, found again and judged. */
class Model {
  public row: RegisterRow = NEW;
  public now = NOW;
  public scans = 0;
  private readonly queue: { readonly reason: ScanReason; readonly at: string; readonly due: Date }[] = [];

  public push(reason: ScanReason, at: Date): void {
    this.queue.push({ reason, at: at.toISOString(), due: this.now });
  }

  /** Reconcile asks for what it finds without a row, as lambda/scanning/reconcile.ts does. */
  public reconcile(): void {
    if (
      this.row.verdict === undefined &&
      this.row.lastFailedScan === undefined &&
      this.row.lease === undefined
    ) {
      this.push('reconcile', this.now);
    }
  }

  /** One message of the queue, whichever. */
  public deliver(pick: number, doubled: boolean): void {
    if (this.queue.length === 0) return;
    const [message] = doubled
      ? [this.queue[pick % this.queue.length]]
      : this.queue.splice(pick % this.queue.length, 1);
    const decision = decideScan(this.row, message, this.now);
    if (decision.action === 'wait' && !doubled) this.queue.push(message);
    if (decision.action === 'resume')
    // by its token, the same build
    {
      this.row = { ...this.row, lease: { ...decision.lease, buildId: 'scans:1' } };
    }
    if (decision.action !== 'scan') return;
    this.scans += 1;
    this.row = {
      ...this.row,
      kind: 'image',
      scanSeq: this.row.scanSeq + 1,
      lease: lease(this.now, { scanId: scanId(this.scans), scanSeq: this.row.scanSeq + 1 }),
    };
  }

  /** Right after the scan lease: the message is not deleted, so it comes again. */
  public crashBeforeBuild(): void {
    if (this.row.lease?.at !== this.now.toISOString()) return;
    this.row = { ...this.row, lease: { ...this.row.lease, buildId: undefined } };
    this.push('push', minutes(-1));
  }

  public judge(): void {
    if (this.row.lease?.buildId === undefined || this.now.getTime() > Date.parse(this.row.lease.until)) {
      return;
    }
    const { scanId: id, scanSeq, at } = this.row.lease;
    this.row = withVerdict(this.row, summary(verdict({ scanId: id, verdictId: id, scanSeq, scannedAt: at })));
  }

  public later(seconds: number): void {
    this.now = new Date(this.now.getTime() + seconds * 1000);
  }

  public drain(): void {
    for (let round = 0; round < 60 && (this.queue.length > 0 || this.row.verdict === undefined); round++) {
      this.reconcile();
      for (let count = this.queue.length; count > 0; count--) this.deliver(0, false);
      this.later(60);
      this.judge();
    }
  }
}

describe('ten copies of one push are one scan', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('deliver' as const), pick: fc.nat(20), doubled: fc.boolean() }),
    fc.record({ kind: fc.constant('later' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
    fc.constant({ kind: 'judge' as const }),
    fc.constant({ kind: 'reconcile' as const }),
    fc.constant({ kind: 'crash' as const }),
  );

  test('in any order, doubled, lost and found again by reconcile, with a crash before the build and a verdict in between', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 }),
        fc.array(fc.constantFrom<ScanReason>('push', 'untagged-push', 'index'), {
          minLength: 10,
          maxLength: 10,
        }),
        fc.array(step, { maxLength: 40 }),
        (lost, reasons, steps) => {
          const model = new Model();
          for (const reason of reasons.slice(lost)) model.push(reason, minutes(-1));
          for (const each of steps) {
            if (each.kind === 'deliver') model.deliver(each.pick, each.doubled);
            else if (each.kind === 'later') model.later(each.seconds);
            else if (each.kind === 'judge') model.judge();
            else if (each.kind === 'reconcile') model.reconcile();
            else model.crashBeforeBuild();
          }
          model.drain();
          expect(model.scans).toBe(1);
          expect(model.row).toMatchObject({ scanSeq: 1, verdict: { outcome: 'PASS', scanSeq: 1 } });
          expect(model.row.lease).toBeUndefined();
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('a decision is made for any row, and a wait is never longer than the queue can wait', () => {
  const time = fc
    .integer({ min: -100_000, max: 100_000 })
    .map(seconds => new Date(NOW.getTime() + seconds * 1000));
  fc.assert(
    fc.property(
      fc.constantFrom(...REASONS),
      time,
      time,
      time,
      fc.boolean(),
      fc.constantFrom('IMAGE_GONE' as const, 'BUILD_FAULT' as const, undefined),
      (reason, asked, at, attempted, hasBuild, cause) => {
        const row = leased(at, hasBuild ? {} : { buildId: undefined });
        const decision = decideScan(
          cause === undefined ? row : tried(row, attempted, cause),
          { reason, at: asked.toISOString() },
          NOW,
        );
        if (decision.action === 'wait') expect(decision.seconds).toBeLessThanOrEqual(900);
        if (decision.action === 'wait') expect(decision.seconds).toBeGreaterThan(0);
      },
    ),
    { numRuns: 200 },
  );
});

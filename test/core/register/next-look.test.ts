import {
  dueAt,
  isJudgedByOlder,
  isBack,
  isUnknown,
  passedEndedAudit,
  reasonToLook,
  wouldStayForever,
} from '../../../src/core/register/next-look';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { withEmptyOutbox, withFailedScan, withVerdict } from '../../../src/core/register/transitions';
import { Cause, nextFailedScan, type FailedScan } from '../../../src/core/scanning/failed-scan';
import { DIGEST, failing, IMAGE, minutes, NOW, scanId, summary, verdict } from '../support/made';

const NEW: RegisterRow = { ...newRow(IMAGE), kind: 'image' };
const PASS = summary(verdict());
const FAIL = summary(failing());
const lease = {
  scanId: scanId(1),
  at: minutes(-60).toISOString(),
  until: minutes(60).toISOString(),
  configDigest: DIGEST,
  buildRevision: 'revision-1',
  reason: 'push' as const,
  scanSeq: 1,
};
const failedScan = (cause: Cause = 'BUILD_FAULT', id = 1, at = NOW, previous?: FailedScan) =>
  nextFailedScan(previous, { cause, detail: 'x' }, at, scanId(id));
const judged = withVerdict(NEW, PASS);
const failed = withFailedScan(NEW, failedScan());

describe('why a row that is due is due', () => {
  test.each([
    ['what is not published is published first', judged, 'publish'],
    ['a PASS is renewed', withEmptyOutbox(judged), 'renewal'],
    [
      'an index is folded, its images are renewed',
      withEmptyOutbox({ ...judged, kind: 'index' as const }),
      'fold',
    ],
    ['a transient failure is tried again', withEmptyOutbox(failed), 'retry'],
    [
      'a scan that never came back is found',
      { ...NEW, lease: { ...lease, until: minutes(-1).toISOString() } },
      'reconcile',
    ],
    [
      'a scan that is under way is left alone',
      { ...withEmptyOutbox(judged), lease: { ...lease, until: minutes(1).toISOString() } },
      undefined,
    ],
    ['nothing is asked of what nobody asked for', NEW, undefined],
  ])('%s', (_, row, reason) => {
    expect(reasonToLook(row, NOW)).toBe(reason);
  });
});

describe('images that ECR does not list any more, and those that it lists again', () => {
  const refused = withEmptyOutbox(withVerdict(NEW, FAIL));
  const unscannable = withEmptyOutbox(withFailedScan(NEW, failedScan('UNSCANNABLE')));
  const gone = withEmptyOutbox(withFailedScan(refused, failedScan('IMAGE_GONE')));

  test.each<[string, RegisterRow, boolean]>([
    ['a FAIL is looked at', refused, true],
    ['so is what cannot be scanned', unscannable, true],
    ['and what nobody ever looked at', NEW, true],
    ['a PASS is renewed anyway', withEmptyOutbox(withVerdict(NEW, PASS)), false],
    ['a retry is due anyway', withEmptyOutbox(failed), false],
    ['a scan is under way', { ...refused, lease }, false],
    ['it is known to be gone', gone, false],
    ['an index has images of its own', { ...refused, kind: 'index' }, false],
    ['a signature is not judged', { ...NEW, kind: 'attachment' }, false],
  ])('%s', (_, row, looks) => {
    expect(wouldStayForever(row, minutes(60))).toBe(looks);
  });

  test.each([refused, unscannable])('a record that is newer than the list says nothing', row => {
    expect(wouldStayForever(row, minutes(5))).toBe(false);
  });

  test('what was found gone is back, a while later, if no scan is under way', () => {
    expect(isBack(gone, minutes(60))).toBe(true);
    expect(isBack(gone, minutes(5))).toBe(false);
    expect(isBack({ ...gone, lease }, minutes(60))).toBe(false);
    expect(isBack(refused, minutes(60))).toBe(false);
  });
});

describe('when somebody must look again, even if no message ever arrives', () => {
  const hours = (count: number) => minutes(count * 60).toISOString();
  const due = (row: RegisterRow) => dueAt(row, NOW)?.toISOString();

  test.each<[string, RegisterRow, string | undefined]>([
    ['never, where nobody waits for anything', NEW, undefined],
    [
      'in five minutes, where it is not published',
      withFailedScan(NEW, failedScan('UNSCANNABLE')),
      minutes(5).toISOString(),
    ],
    ['when its lease ends', { ...NEW, lease }, lease.until],
    [
      'when its retry is due',
      withEmptyOutbox(withFailedScan(NEW, failedScan('BUILD_FAULT'))),
      minutes(2).toISOString(),
    ],
    ['a day after the scan of a PASS', withEmptyOutbox(withVerdict(NEW, PASS)), hours(24)],
    ['of an index too', withEmptyOutbox(withVerdict({ ...NEW, kind: 'index' }, PASS)), hours(24)],
    [
      'after a third of its life, where it holds for less than three days',
      withEmptyOutbox(withVerdict(NEW, { ...PASS, scanHoldsUntil: hours(9), validUntil: hours(9) })),
      hours(3),
    ],
    ['never, for a FAIL', withEmptyOutbox(withVerdict(NEW, FAIL)), undefined],
    [
      'never, for an image that is gone',
      withEmptyOutbox(withFailedScan(withVerdict(NEW, PASS), failedScan('IMAGE_GONE'))),
      undefined,
    ],
    [
      'never, for a failure that does not pass by itself',
      withEmptyOutbox(withFailedScan(NEW, failedScan('UNSCANNABLE'))),
      undefined,
    ],
    ['at the earliest of these', { ...withVerdict(NEW, PASS), lease }, minutes(5).toISOString()],
  ])('%s', (_, row, at) => {
    expect(due(row)).toBe(at);
  });

  test('a renewal that failed rests: an hour where it may pass by itself, a day where it does not', () => {
    const exhausted = [1, 2, 3].reduce(
      (previous: FailedScan | undefined) => failedScan('BUILD_FAULT', 1, minutes(30 * 60), previous),
      undefined,
    );
    const row = withEmptyOutbox(withVerdict(NEW, PASS));
    expect(
      due(withEmptyOutbox(withFailedScan(row, failedScan('BUILD_FAULT', 1, minutes(30 * 60), exhausted)))),
    ).toBe(hours(31));
    expect(
      due(withEmptyOutbox(withFailedScan(row, failedScan('REGISTRY_DENIED', 1, minutes(30 * 60))))),
    ).toBe(hours(54));
  });
});

describe('a newer policy (rule 4.9, re-evaluation)', () => {
  test.each<[string, RegisterRow, boolean]>([
    ['judged by an older one', withVerdict(NEW, PASS), true],
    ['judged by this one', withVerdict(NEW, { ...PASS, policyRevision: 2 }), false],
    ['judged by a newer one', withVerdict(NEW, { ...PASS, policyRevision: 3 }), false],
    ['not judged yet', NEW, false],
    ['an index, which follows its images', withVerdict({ ...NEW, kind: 'index' }, PASS), false],
    ['an attachment', { ...NEW, kind: 'attachment' }, false],
    [
      'an older one was indeterminate',
      withFailedScan(NEW, { ...failedScan('NOT_COVERED'), policyRevision: 1 }),
      true,
    ],
    [
      'this one was indeterminate',
      withFailedScan(withVerdict(NEW, PASS), { ...failedScan('NOT_COVERED'), policyRevision: 2 }),
      false,
    ],
    ['the scan failed, whatever the policy', withFailedScan(NEW, failedScan('UNSCANNABLE')), false],
    [
      'it could not be read',
      withFailedScan(withVerdict(NEW, { ...PASS, policyRevision: 2 }), failedScan('POLICY_INVALID')),
      true,
    ],
  ])('%s: %s', (_, row, again) => {
    expect(isJudgedByOlder(row, { policy: 2, waivers: 0 }, NOW)).toBe(again);
  });

  test.each<[string, RegisterRow, boolean]>([
    ['older waivers', withVerdict(NEW, { ...PASS, policyRevision: 2 }), true],
    ['these waivers', withVerdict(NEW, { ...PASS, policyRevision: 2, waiverRevision: 1 }), false],
    [
      'what could not be judged, whatever is waived',
      withFailedScan(NEW, { ...failedScan('NOT_COVERED'), policyRevision: 2 }),
      false,
    ],
  ])('by %s: %s', (_, row, again) => {
    expect(isJudgedByOlder(row, { policy: 2, waivers: 1 }, NOW)).toBe(again);
  });

  test('a waiver or a grace period that ended before the scan is too old is looked at when it ends, from the stored report; a new scan moves another end', () => {
    const bounded = withVerdict(NEW, {
      ...PASS,
      validUntil: minutes(60).toISOString(),
      scanHoldsUntil: minutes(72 * 60).toISOString(),
    });
    expect(dueAt({ ...bounded, outbox: undefined }, NOW)).toEqual(minutes(60));
    expect([59, 60].map(at => isJudgedByOlder(bounded, { policy: 1, waivers: 0 }, minutes(at)))).toEqual([
      false,
      true,
    ]);
    expect([59, 60].map(at => reasonToLook({ ...bounded, outbox: undefined }, minutes(at)))).toEqual([
      'renewal',
      'judge',
    ]);
    const refusedRow = withVerdict(NEW, { ...bounded.verdict!, outcome: 'FAIL' });
    expect(isJudgedByOlder(refusedRow, { policy: 1, waivers: 0 }, minutes(61))).toBe(false);
  });
});

describe('whether the audit that let an image through has ended', () => {
  const audited: RegisterRow = withVerdict(NEW, { ...PASS, audit: true, policyRevision: 3 });

  test.each<[string, RegisterRow, number | undefined, boolean]>([
    ['while the audit is the active policy', audited, 3, false],
    ['where another policy is active', audited, 4, true],
    ['where an older policy is active: the policy store was lost', audited, 2, true],
    ['where nobody knows which policy is active (rule 5.7, fail closed)', audited, undefined, true],
    ['where the policy refuses', withVerdict(NEW, { ...PASS, policyRevision: 3 }), 4, false],
    ['where there is no verdict', NEW, 4, false],
  ])('%s', (_, row, activePolicy, isEnded) => {
    expect(passedEndedAudit(row, activePolicy)).toBe(isEnded);
  });
});

describe('whether anything is known about an image', () => {
  test.each<[string, RegisterRow, boolean]>([
    ['with a new row', newRow(IMAGE), true],
    ['with a verdict', judged, false],
    ['with a failed scan', failed, false],
    ['with a scan lease', { ...NEW, lease }, false],
    ['that is an attachment', { ...NEW, kind: 'attachment' }, false],
    ['that is an index whose images are known', { ...NEW, kind: 'index', children: [] }, false],
  ])('an image %s is unknown: %s', (_, row, expected) => {
    expect(isUnknown(row)).toBe(expected);
  });
});

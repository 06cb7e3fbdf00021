import { nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { reasonToLook } from '../../../src/core/register/reason-to-look';
import { withEmptyOutbox, newRow, withFailedScan, withVerdict } from '../../../src/core/register/row';
import { DIGEST, IMAGE, minutes, NOW, scanId, summary, verdict } from '../support/made';

const NEW = newRow(IMAGE);
const lease = {
  scanId: scanId(1),
  at: minutes(-60).toISOString(),
  configDigest: DIGEST,
  buildRevision: 'revision-1',
  reason: 'push' as const,
  scanSeq: 1,
};
const judged = withVerdict({ ...NEW, kind: 'image' }, summary(verdict()));
const failed = withFailedScan(NEW, nextFailedScan(undefined, { cause: 'BUILD_FAULT', detail: 'x' }, NOW));

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
      { ...NEW, lease: { ...lease, leaseUntil: minutes(-1).toISOString() } },
      'reconcile',
    ],
    [
      'a scan that is under way is left alone',
      { ...withEmptyOutbox(judged), lease: { ...lease, leaseUntil: minutes(1).toISOString() } },
      undefined,
    ],
    ['nothing is asked of what nobody asked for', NEW, undefined],
  ])('%s', (_, row, reason) => {
    expect(reasonToLook(row, NOW)).toBe(reason);
  });
});

import { FailedScan, Cause, CAUSES, nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { minutes, NOW, scanId } from '../support/made';

const causes = Object.keys(CAUSES) as Cause[];

describe('a failed scan (rule 4.4, failed scans keep the verdict)', () => {
  test.each(causes)('%s says what to do', cause => {
    expect(CAUSES[cause].remedy).toMatch(/^[a-z].{10,}[^.]$/);
    expect(/retried automatically/.test(CAUSES[cause].remedy)).toBe(CAUSES[cause].transient);
  });

  test.each(causes)('%s is tried again a bounded number of times, or never', cause => {
    let failedScan: FailedScan | undefined;
    const waits: (number | undefined)[] = [];
    for (let count = 0; count < 6; count++) {
      failedScan = nextFailedScan(failedScan, { cause, detail: 'x' }, NOW, scanId(count));
      expect(FailedScan.parse(failedScan)).toEqual(failedScan);
      waits.push(
        failedScan.retryAt === undefined
          ? undefined
          : (Date.parse(failedScan.retryAt) - NOW.getTime()) / 60_000,
      );
    }
    expect(failedScan?.count).toBe(6);
    expect(waits).toEqual(
      CAUSES[cause].transient ? [2, 10, 15, undefined, undefined, undefined] : new Array(6).fill(undefined),
    );
  });

  test('another cause does not start the count again: who fails in turns is not tried for ever', () => {
    const first = nextFailedScan(undefined, { cause: 'REGISTRY_THROTTLED', detail: 'x' }, NOW);
    expect(nextFailedScan(first, { cause: 'BUILD_FAULT', detail: 'y' }, minutes(5))).toMatchObject({
      count: 2,
      cause: 'BUILD_FAULT',
    });
  });

  test('what is wrong with the image or with its proof is never tried again by itself', () => {
    for (const cause of [
      'PROVENANCE',
      'UNSCANNABLE',
      'NOT_COVERED',
      'REPORT_INVALID',
      'REPORT_TOO_LARGE',
      'POLICY_INVALID',
    ] as const) {
      expect(CAUSES[cause].transient).toBe(false);
    }
  });
});

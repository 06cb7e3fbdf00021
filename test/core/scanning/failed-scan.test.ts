import { Attempt, Cause, CAUSES, nextAttempt } from '../../../src/core/scanning/failed-scan';
import { minutes, NOW, scanId } from '../support/made';

const causes = Object.keys(CAUSES) as Cause[];

describe('an attempt (rule 4.4, failed scans keep the verdict)', () => {
  test.each(causes)('%s says what to do', cause => {
    expect(CAUSES[cause].remedy).toMatch(/^[a-z].{10,}[^.]$/);
    expect(/retried automatically/.test(CAUSES[cause].remedy)).toBe(CAUSES[cause].transient);
  });

  test.each(causes)('%s is tried again a bounded number of times, or never', cause => {
    let attempt: Attempt | undefined;
    const waits: (number | undefined)[] = [];
    for (let count = 0; count < 6; count++) {
      attempt = nextAttempt(attempt, { cause, detail: 'x' }, NOW, scanId(count));
      expect(Attempt.parse(attempt)).toEqual(attempt);
      waits.push(
        attempt.retryAt === undefined ? undefined : (Date.parse(attempt.retryAt) - NOW.getTime()) / 60_000,
      );
    }
    expect(attempt?.count).toBe(6);
    expect(waits).toEqual(
      CAUSES[cause].transient ? [2, 10, 15, undefined, undefined, undefined] : new Array(6).fill(undefined),
    );
  });

  test('another cause does not start the count again: who fails in turns is not tried for ever', () => {
    const first = nextAttempt(undefined, { cause: 'REGISTRY_THROTTLED', detail: 'x' }, NOW);
    expect(nextAttempt(first, { cause: 'BUILD_FAULT', detail: 'y' }, minutes(5))).toMatchObject({
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

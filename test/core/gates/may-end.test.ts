import type { VerdictSummary } from '../../../src/core/evidence/verdict';
import { rulesOfDeployment } from '../../../src/core/gates/gate-rules';
import type { LookedAt } from '../../../src/core/gates/looked-at';
import { mayEnd } from '../../../src/core/gates/may-end';
import { nextStep } from '../../../src/core/gates/next-step';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { withFailedScan, withStatement, withVerdict } from '../../../src/core/register/transitions';
import { nextFailedScan, type FailedScan, type Cause } from '../../../src/core/scanning/failed-scan';
import { decide, type Decision } from '../../../src/core/trust/decide';
import { Reason, refused, type Refused } from '../../../src/core/trust/refusal';
import { failing, IMAGE, minutes, NOW, scanId, summary, verdict } from '../support/made';
import { LocalKey, signedRow } from '../support/signing';

const KEY = new LocalKey('ours');
const WAIT_SECONDS = 3600;
const NEW: RegisterRow = { ...newRow(IMAGE), kind: 'image' };
const STATEMENT = signedRow(KEY).statement!;

/** The deployment asked at NOW. */
function step(
  decision: Decision,
  row: RegisterRow | undefined,
  now: Date,
  waitSeconds = WAIT_SECONDS,
  children?: readonly RegisterRow[],
) {
  const rules = rulesOfDeployment({ enforcement: 'REFUSE', requestedAt: NOW, now, waitSeconds });
  const of = 'the image';
  const image: LookedAt = decision.trusted
    ? { of, allowed: 'TRUSTED' }
    : { of, image: IMAGE, refused: decision, row, children };
  return nextStep({ images: [image], rollback: 'NO' }, rules);
}
const refusing = (refusal: Refused, row: RegisterRow) => ({
  step: 'refuse',
  refusals: [{ of: 'the image', image: IMAGE, refused: refusal, row, children: undefined }],
});
const seconds = (count: number) => new Date(NOW.getTime() + count * 1000);
const scanned = (of: VerdictSummary, at: Date, changes: Partial<VerdictSummary> = {}) => ({
  ...of,
  scannedAt: at.toISOString(),
  evaluatedAt: at.toISOString(),
  ...changes,
});
const failedScan = (cause: Cause, at: Date, previous?: FailedScan) =>
  nextFailedScan(previous, { cause, detail: 'x' }, at);

const FAIL = summary(failing());
const PASS = summary(verdict());
const VERDICTS = { none: undefined, stale: scanned(FAIL, minutes(-10)), fresh: scanned(FAIL, minutes(1)) };
const ATTEMPTS = {
  'no failed scan': undefined,
  'an old one': failedScan('UNSCANNABLE', minutes(-10)),
  'one with a retry': failedScan('BUILD_FAULT', minutes(1)),
  'a final one': failedScan('UNSCANNABLE', minutes(1)),
};

/** w waits, r refuses: by the failed scans above, for no verdict, a stale one and a fresh one. */
const STEPS: Record<Reason, readonly [none: string, stale: string, fresh: string]> = {
  NO_VERDICT: ['wwww', 'wwww', 'wwww'],
  NO_IMAGE: ['rrrr', 'rrrr', 'rrrr'],
  INDETERMINATE: ['wwwr', 'wwwr', 'wwwr'],
  FAILED: ['wwwr', 'wwwr', 'rrrr'],
  REVOKED: ['wwwr', 'wwwr', 'rrrr'],
  EXPIRED: ['wwwr', 'wwwr', 'wwwr'],
  NO_STATEMENT: ['wwww', 'wwww', 'wwww'],
  NO_SIGNATURE: ['rrrr', 'rrrr', 'rrrr'],
  WRONG_KEY: ['wwww', 'wwww', 'rrrr'],
  OTHER_IMAGE: ['wwww', 'wwww', 'rrrr'],
  BROKEN_STATEMENT: ['wwww', 'wwww', 'rrrr'],
  TAG_NOT_DIGEST: ['rrrr', 'rrrr', 'rrrr'],
  NOT_READABLE: ['rrrr', 'rrrr', 'rrrr'],
  ELSEWHERE: ['rrrr', 'rrrr', 'rrrr'],
  LOOKUP_FAILED: ['wwww', 'wwww', 'wwww'], // for five minutes, below
};

const CASES = Reason.options.flatMap(reason =>
  (['none', 'stale', 'fresh'] as const).flatMap((age, row) =>
    (Object.keys(ATTEMPTS) as (keyof typeof ATTEMPTS)[]).map(
      (tried, column) =>
        [reason, age, tried, STEPS[reason][row]![column] === 'w' ? 'wait' : 'refuse'] as const,
    ),
  ),
);

describe.each(CASES)('%s, verdict: %s, failed scan: %s', (reason, age, tried, expected) => {
  const [lastFailedScan, of] = [ATTEMPTS[tried], VERDICTS[age]];
  const row: RegisterRow = {
    ...NEW,
    lastFailedScan,
    verdict: of,
    statement: { ...STATEMENT, verdictId: FAIL.verdictId },
  };
  const decision = refused(IMAGE, reason, 'detail');

  test(`${expected}s`, () => {
    expect(step(decision, row, minutes(2))).toMatchObject(
      expected === 'wait'
        ? { step: 'look again', refusals: [{ refused: decision }], inSeconds: 5 }
        : refusing(decision, row),
    );
  });

  test('refuses when there is no more time', () => {
    const isInVain = expected === 'wait' && reason !== 'LOOKUP_FAILED';
    const says = isInVain ? `${decision.says}; nothing changed within 60 minutes` : decision.says;
    expect(step(decision, row, seconds(WAIT_SECONDS))).toEqual(refusing({ ...decision, says }, row));
  });
});

describe('a deployment that asked for a scan', () => {
  const ask = (row: RegisterRow, now = minutes(2)) =>
    step(decide(IMAGE, row, [KEY.verification], now), row, now).step;
  const lease = {
    scanId: scanId(9),
    scanSeq: 9,
    at: minutes(1).toISOString(),
    until: minutes(60).toISOString(),
    configDigest: '',
    reason: 'request' as const,
    buildRevision: '1',
  };

  test('is admitted at once by trust that is older', () => {
    const row = signedRow(KEY);
    expect(step(decide(IMAGE, row, [KEY.verification], NOW), row, NOW)).toMatchObject({
      step: 'admit',
      images: [{ allowed: 'TRUSTED' }],
    });
    expect(ask({ ...row, lease }, minutes(60 * 71))).toBe('admit');
  });

  test('is never refused for an old FAIL while its own scan runs', () => {
    const failed = withVerdict(NEW, scanned(FAIL, minutes(-10)));
    expect(ask(failed)).toBe('look again');
    expect(ask({ ...failed, lease })).toBe('look again');
    expect(ask({ ...failed, lease, lastFailedScan: failedScan('UNSCANNABLE', minutes(-5)) })).toBe(
      'look again',
    );
    expect(ask({ ...failed, lease, revokedBy: FAIL.verdictId })).toBe('look again');
  });

  test('nor for one that another policy gave to the old report while its own scan runs (rule 4.9, re-evaluation)', () => {
    expect(
      ask({
        ...withVerdict(NEW, scanned(FAIL, minutes(-10), { evaluatedAt: minutes(1).toISOString() })),
        lease,
      }),
    ).toBe('look again');
  });

  test('nor for one that another policy gives to the old report while its own scan has not begun (rule 4.9, re-evaluation)', () => {
    expect(
      ask(withVerdict(NEW, scanned(FAIL, minutes(-40), { evaluatedAt: minutes(1).toISOString() }))),
    ).toBe('look again');
  });

  describe('for an index (rule 4.8, indexes)', () => {
    const index: RegisterRow = { ...withVerdict(NEW, scanned(FAIL, minutes(1))), kind: 'index' };
    const passed = withVerdict(NEW, scanned(PASS, minutes(1)));
    const failed = withVerdict(NEW, scanned(FAIL, minutes(1)));
    const askIndex = (children: readonly RegisterRow[] | undefined, now = minutes(4)) =>
      step(decide(IMAGE, index, [KEY.verification], now), index, now, WAIT_SECONDS, children).step;

    test.each<[string, string, readonly RegisterRow[] | undefined]>([
      ['all of its images have answered', 'refuse', [passed, failed]],
      ['one has an old verdict', 'look again', [passed, withVerdict(NEW, scanned(FAIL, minutes(-10)))]],
      ['one is being scanned', 'look again', [passed, { ...failed, lease }]],
      [
        'one is tried again later',
        'look again',
        [
          passed,
          withFailedScan(
            withVerdict(NEW, scanned(FAIL, minutes(-10))),
            failedScan('BUILD_FAULT', minutes(1)),
          ),
        ],
      ],
      [
        'one was indeterminate, and is not tried again',
        'refuse',
        [failed, withFailedScan(NEW, failedScan('UNSCANNABLE', minutes(1)))],
      ],
      ['one has no verdict yet', 'look again', [failed, NEW]],
      ['its images are not known', 'look again', []],
      ['its images were not read', 'look again', undefined],
    ])('of which %s: %s', (_what, expected, children) => {
      expect(askIndex(children)).toBe(expected);
    });

    test('there is a minute to fold the last answer', () => {
      expect(askIndex([passed, failed], minutes(1.5))).toBe('look again');
      expect(askIndex([passed, failed], minutes(2.1))).toBe('refuse');
    });
  });

  test('is refused by a scan that was under way already, and covers it', () => {
    expect(ask(withVerdict(NEW, scanned(FAIL, minutes(-1), { evaluatedAt: minutes(1).toISOString() })))).toBe(
      'refuse',
    );
  });

  test('is refused by the scan that it asked for, in the very second', () => {
    expect(ask(withVerdict(NEW, scanned(FAIL, NOW)))).toBe('refuse');
  });

  test('waits for the signer, also behind a renewal whose statement has expired', () => {
    const passed = withVerdict(NEW, scanned(PASS, minutes(1)));
    expect(ask(passed)).toBe('look again');
    const old = withStatement(
      passed,
      signedRow(KEY, IMAGE, { validUntil: minutes(-1).toISOString() }).statement!,
      undefined,
    );
    expect(decide(IMAGE, old, [KEY.verification], NOW)).toMatchObject({ reason: 'EXPIRED' });
    expect(ask(old)).toBe('look again');
  });

  test('waits for the signer where the statement is of the verdict before, and refuses where it is of this one: it was signed anew, and still by another key', () => {
    const foreign = {
      ...withVerdict(NEW, scanned(PASS, minutes(1))),
      statement: { ...STATEMENT, envelope: new LocalKey('other').envelope({}) },
    };
    expect(ask({ ...foreign, statement: { ...foreign.statement, verdictId: scanId(0) } })).toBe('look again');
    expect(ask({ ...foreign, statement: { ...foreign.statement, verdictId: PASS.verdictId } })).toBe(
      'refuse',
    );
  });

  test('waits while its scan is tried again, and is refused after the last try (rule 4.4, failed scans keep the verdict)', () => {
    let tried: FailedScan | undefined;
    const steps = [1, 2, 3, 4].map(count =>
      ask(withFailedScan(NEW, (tried = failedScan('BUILD_FAULT', minutes(count), tried))), minutes(5)),
    );
    expect(steps).toEqual(['look again', 'look again', 'look again', 'refuse']);
  });

  test.each<[RegisterRow['kind'], string]>([
    ['attachment', 'refuse'],
    ['image', 'look again'],
    ['index', 'look again'],
    [undefined, 'look again'],
  ])('of what is %s and has no verdict: %s', (kind, expected) => {
    expect(ask({ ...NEW, kind })).toBe(expected);
  });

  test('is refused at times that are none', () => {
    expect(step(refused(IMAGE, 'NO_VERDICT'), NEW, new Date(NaN)).step).toBe('refuse');
    expect(step(refused(IMAGE, 'NO_VERDICT'), NEW, NOW, NaN).step).toBe('refuse');
  });
});

describe('LOOKUP_FAILED, where the register could not be read', () => {
  test.each<[number, number, string]>([
    [0, WAIT_SECONDS, 'look again'],
    [299, WAIT_SECONDS, 'look again'],
    [300, WAIT_SECONDS, 'refuse'],
    [WAIT_SECONDS, WAIT_SECONDS, 'refuse'],
    [59, 60, 'look again'],
    [60, 60, 'refuse'],
  ])('after %i of %i seconds: %s', (waited, waitSeconds, expected) => {
    expect(
      step(refused(IMAGE, 'LOOKUP_FAILED', 'AccessDeniedException'), undefined, seconds(waited), waitSeconds)
        .step,
    ).toBe(expected);
  });
});

describe('a gate that requested no scan waits for what is under way, and for nothing else', () => {
  const rules = { mayLookupRecover: true };
  const waits = Reason.options.filter(reason =>
    mayEnd({ of: 'the image', refused: refused(IMAGE, reason), row: NEW }, rules),
  );

  test('for the signer, and for a register that cannot be read', () => {
    expect(waits).toEqual(['NO_STATEMENT', 'LOOKUP_FAILED']);
  });

  test('for the first verdict while its scan runs', () => {
    const scanning = { ...NEW, lease: {} as RegisterRow['lease'] };
    expect(mayEnd({ of: 'the image', refused: refused(IMAGE, 'NO_VERDICT'), row: scanning }, rules)).toBe(
      true,
    );
  });
});

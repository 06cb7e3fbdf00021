import { ExitCode } from '../../../cli/shell/exit-code';
import { exitCodeOf } from '../../../cli/stack/decision';
import {
  newRow,
  withFailedScan,
  withStatement,
  withVerdict,
  type RegisterRow,
} from '../../../src/core/register/row';
import { nextFailedScan, type Cause } from '../../../src/core/scanning/failed-scan';
import type { ScanRequest } from '../../../src/core/scanning/scan-request';
import { follow, requestScan } from '../../../use-cases/deployed-trust/follow-scan';
import { failing, IMAGE, minutes, NOW, scanId, summary, verdict } from '../../core/support/made';
import { LocalKey, signedRow, statement, statementClaims } from '../../core/support/signing';

const KEY = new LocalKey('ours');
const NEW: RegisterRow = { ...newRow(IMAGE), kind: 'image' };
const OLD_PASS = signedRow(KEY);
const at = (time: Date) => ({ scannedAt: time.toISOString(), evaluatedAt: time.toISOString() });
/** The scan was asked for a minute after what stands there. */
const ASKED = minutes(1);
const passed = withVerdict(OLD_PASS, summary(verdict({ verdictId: scanId(2), ...at(minutes(2)) })));
const signedAnew = withStatement(
  passed,
  { verdictId: scanId(2), envelope: KEY.envelope(statement(statementClaims(IMAGE))) },
  undefined,
);
const refusedNow = withVerdict(OLD_PASS, summary(failing({ verdictId: scanId(2), ...at(minutes(2)) })));
const attempted = (cause: Cause, row = OLD_PASS) =>
  withFailedScan(row, nextFailedScan(undefined, { cause, detail: 'x' }, minutes(2)));

/** A minute passes between two looks; each sees the next of these rows, and the last one for ever. */
async function followed(
  rows: readonly RegisterRow[],
  others: readonly RegisterRow[] = [],
  waitSeconds = 600,
) {
  let looks = 0;
  const said: string[] = [];
  const load = async (image: string) =>
    image === IMAGE ? rows[Math.min(looks, rows.length - 1)]! : others.find(({ pk }) => pk === image)!;
  const { decision } = await follow(IMAGE, ASKED, waitSeconds, {
    register: { load },
    keys: { all: async () => [KEY.verification] },
    policies: { policy: async () => ({ revision: 1 }) },
    evidenceBucket: 'evidence',
    requests: { send: async () => undefined },
    now: () => minutes(1 + looks),
    pause: async () => {
      looks += 1;
    },
    say: line => said.push(line),
  });
  return { decision, code: exitCodeOf(decision), looks, said };
}

test('asks the queue as a person does', async () => {
  const sent: ScanRequest[] = [];
  await requestScan(
    IMAGE,
    {
      requests: {
        send: async request => {
          sent.push(request);
        },
      },
    },
    NOW,
  );
  expect(sent).toEqual([{ version: 1, image: IMAGE, reason: 'request', at: NOW.toISOString() }]);
});

describe('what was trusted before is no answer', () => {
  test('it waits for the verdict that was asked for', async () => {
    expect(await followed([OLD_PASS, OLD_PASS, passed, signedAnew])).toMatchObject({
      code: ExitCode.trusted,
      looks: 2,
    });
  });

  test('and ends with 2 where none comes in time', async () => {
    const { code, decision, looks } = await followed([OLD_PASS]);
    expect({ code, looks, decision }).toMatchObject({
      code: ExitCode.indeterminate,
      looks: 10,
      decision: { says: expect.stringContaining('nothing was heard of the scan') },
    });
  });

  test.each<Cause>(['UNSCANNABLE', 'IMAGE_GONE', 'REGO_FAILED'])(
    '%s: was indeterminate, though gates admit it',
    async cause => {
      const { code, decision } = await followed([OLD_PASS, attempted(cause)]);
      expect({ code, decision }).toMatchObject({
        code: ExitCode.indeterminate,
        decision: { reason: 'INDETERMINATE', says: expect.stringContaining('gates admit it') },
      });
    },
  );

  test('a failure that is tried again is no end', async () => {
    expect(await followed([attempted('BUILD_FAULT'), attempted('BUILD_FAULT'), signedAnew])).toMatchObject({
      code: ExitCode.trusted,
      looks: 2,
    });
  });
});

test('a refusal that was asked for is final', async () => {
  expect(await followed([OLD_PASS, refusedNow])).toMatchObject({
    code: ExitCode.refused,
    looks: 1,
    decision: { reason: 'REVOKED' },
  });
});

test('an older refusal is not', async () => {
  const failedBefore = withVerdict(NEW, summary(failing()));
  expect(await followed([failedBefore, failedBefore, signedAnew])).toMatchObject({
    code: ExitCode.trusted,
    looks: 2,
  });
});

test('what passed waits for the signer', async () => {
  const unsigned = withVerdict(NEW, summary(verdict({ verdictId: scanId(2), ...at(minutes(2)) })));
  expect(await followed([NEW, unsigned, unsigned, signedAnew])).toMatchObject({
    code: ExitCode.trusted,
    looks: 3,
  });
});

test('what is no image has no scan to wait for', async () => {
  expect(await followed([{ ...NEW, kind: 'attachment' }])).toMatchObject({
    code: ExitCode.indeterminate,
    looks: 0,
  });
});

test('an index waits for its images', async () => {
  const digest = `sha256:${'b'.repeat(64)}`;
  const index: RegisterRow = { ...OLD_PASS, kind: 'index', children: [{ digest, platform: 'linux/amd64' }] };
  const child: RegisterRow = {
    ...newRow(IMAGE.replace(/@.*/, `@${digest}`)),
    kind: 'image',
    verdict: summary(verdict(at(minutes(2)))),
  };
  // and for the minute in which they are folded
  expect(await followed([index], [child])).toMatchObject({ code: ExitCode.trusted, looks: 3 });
});

test('says what is going on once, and only what changed', async () => {
  const lease = {
    scanId: scanId(9),
    scanSeq: 9,
    at: NOW.toISOString(),
    leaseUntil: minutes(60).toISOString(),
    configDigest: '',
    reason: 'request',
    buildRevision: '1',
  } as const;
  const { said } = await followed([
    OLD_PASS,
    OLD_PASS,
    { ...OLD_PASS, lease },
    { ...OLD_PASS, lease },
    signedAnew,
  ]);
  expect(said).toEqual([`${IMAGE}: waits to be dispatched`, `${IMAGE}: scan ${scanId(9)} is under way`]);
});

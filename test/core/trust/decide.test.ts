import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { withFailedScan, withVerdict } from '../../../src/core/register/transitions';
import { Cause, CAUSES, nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { PayloadType } from '../../../src/core/signing/dsse';
import type { VerificationKey } from '../../../src/core/signing/verification-key';
import { decide } from '../../../src/core/trust/decide';
import { Reason, REFUSALS } from '../../../src/core/trust/refusal';
import { KEY, OTHER, REGISTER } from '../signing/crafted';
import { DIGEST, failing, IMAGE, minutes, NOW, scanId, summary, verdict, violation } from '../support/made';
import { claims, LocalKey, signedRow, statement, statementClaims } from '../support/signing';

const NEW: RegisterRow = { ...newRow(IMAGE), kind: 'image' };
const PASS = summary(verdict());
const SIGNED = signedRow(KEY);
const UNTIL = minutes(72 * 60);
const VALID_UNTIL = UNTIL.toISOString();
const PINNED = [KEY.verification];
const LEASE = {
  scanId: scanId(9),
  scanSeq: 9,
  at: NOW.toISOString(),
  until: minutes(60).toISOString(),
  configDigest: '',
  reason: 'push',
  buildRevision: '1',
} as const;

/** The row of an image that passed, with another statement. */
const withEnvelope = (envelope: unknown): RegisterRow => ({
  ...SIGNED,
  statement: { verdictId: PASS.verdictId, envelope } as never,
});
const signed = (changes: Parameters<typeof statementClaims>[1], key = KEY) =>
  withEnvelope(key.envelope(statement(statementClaims(IMAGE, changes))));

describe('trusts', () => {
  test('an image whose verdict is PASS and whose statement says so', () => {
    expect(decide(IMAGE, SIGNED, PINNED, NOW)).toEqual({
      trusted: true,
      image: IMAGE,
      validUntil: VALID_UNTIL,
    });
  });

  test.each<[string, RegisterRow, VerificationKey[], Date]>([
    ['until the last moment', SIGNED, PINNED, new Date(UNTIL.getTime() - 1)],
    ['with any of the pinned keys', SIGNED, [OTHER.verification, KEY.verification], NOW],
    [
      'with a key that was replaced, and is accepted for a minute',
      SIGNED,
      [KEY.until(minutes(1)), OTHER.verification],
      NOW,
    ],
    [
      'while it is scanned again (rule 4.5, expiry and grace periods)',
      { ...SIGNED, lease: LEASE },
      PINNED,
      NOW,
    ],
    [
      'by the statement of the PASS before, until the signer comes to the renewal',
      withVerdict(SIGNED, { ...PASS, verdictId: scanId(2) }),
      PINNED,
      NOW,
    ],
    ['an index', { ...SIGNED, kind: 'index' }, PINNED, NOW],
  ])('%s', (_, row, keys, now) => {
    expect(decide(IMAGE, row, keys, now)).toMatchObject({ trusted: true });
  });

  test.each(Cause.options)(
    'also after a renewal that indeterminate: %s (rule 4.4, failed scans keep the verdict)',
    cause => {
      const row = withFailedScan(SIGNED, nextFailedScan(undefined, { cause, detail: 'x' }, NOW));
      expect(decide(IMAGE, row, PINNED, minutes(60))).toMatchObject({ trusted: true });
    },
  );

  test.each(REGISTER.genuine)('%s', (_, envelope) => {
    expect(decide(IMAGE, withEnvelope(envelope), PINNED, NOW)).toMatchObject({ trusted: true });
  });
});

const NO_IMAGE = REFUSALS.NO_IMAGE.says;

const REFUSED: [
  name: string,
  row: RegisterRow,
  keys: VerificationKey[],
  now: Date,
  reason: Reason,
  says: string,
][] = [
  [
    'the row of another image',
    { ...SIGNED, pk: IMAGE.replace('app', 'b') },
    PINNED,
    NOW,
    'OTHER_IMAGE',
    `its statement or signature was made for another image (the register answered with ${IMAGE.replace('app', 'b')})`,
  ],
  ['nobody judged it', NEW, PINNED, NOW, 'NO_VERDICT', 'it has not been judged yet'],
  [
    'its first scan is under way',
    { ...NEW, lease: LEASE },
    PINNED,
    NOW,
    'NO_VERDICT',
    `it has not been judged yet (scan ${scanId(9)} is under way)`,
  ],
  [
    'it is an attachment',
    { ...NEW, kind: 'attachment', attachment: { type: 'application/vnd.cyclonedx+json', subject: DIGEST } },
    PINNED,
    NOW,
    'NO_IMAGE',
    `${NO_IMAGE} (application/vnd.cyclonedx+json)`,
  ],
  [
    'it is an attachment, and more is not known of it',
    { ...NEW, kind: 'attachment' },
    PINNED,
    NOW,
    'NO_IMAGE',
    NO_IMAGE,
  ],
  [
    'a statement without a verdict',
    { ...NEW, statement: SIGNED.statement },
    PINNED,
    NOW,
    'NO_VERDICT',
    'it has not been judged yet',
  ],
  [
    'its scan was indeterminate',
    withFailedScan(NEW, nextFailedScan(undefined, { cause: 'UNSCANNABLE', detail: 'it is a chart' }, NOW)),
    PINNED,
    NOW,
    'INDETERMINATE',
    'its scan ended without a verdict (UNSCANNABLE: it is a chart)',
  ],
  [
    'it failed',
    withVerdict(NEW, summary(failing())),
    PINNED,
    NOW,
    'FAILED',
    `it does not pass policy (1 violation, scan ${scanId(1)})`,
  ],
  [
    'it failed in many ways',
    withVerdict(NEW, summary(failing({ violationCount: 12 }))),
    PINNED,
    NOW,
    'FAILED',
    `it does not pass policy (12 violations, scan ${scanId(1)})`,
  ],
  [
    'it failed since (rule 4.4, failed scans keep the verdict)',
    withVerdict(SIGNED, summary(failing({ verdictId: scanId(2) }))),
    PINNED,
    NOW,
    'REVOKED',
    `it was trusted, and a later verdict refused it (1 violation, scan ${scanId(1)})`,
  ],
  [
    'it failed, and a statement was left',
    { ...SIGNED, verdict: summary(failing()) },
    PINNED,
    NOW,
    'FAILED',
    `it does not pass policy (1 violation, scan ${scanId(1)})`,
  ],
  [
    'its verdict expired (rule 4.5, expiry and grace periods)',
    SIGNED,
    PINNED,
    UNTIL,
    'EXPIRED',
    `its trust has expired (it held until ${VALID_UNTIL})`,
  ],
  [
    'its statement expired (rule 4.5, expiry and grace periods)',
    signed({ validUntil: NOW.toISOString() }),
    PINNED,
    NOW,
    'EXPIRED',
    `its trust has expired (its statement held until ${NOW.toISOString()})`,
  ],
  [
    'nobody signed it',
    withVerdict(NEW, PASS),
    PINNED,
    NOW,
    'NO_STATEMENT',
    'it passed policy, but the signer has not signed that yet',
  ],
  [
    'another key signed it',
    signed({}, OTHER),
    PINNED,
    NOW,
    'WRONG_KEY',
    'its statement is not signed by a pinned key (pinned: ours)',
  ],
  [
    'none of two keys signed it',
    signed({}, new LocalKey('third')),
    [KEY.verification, OTHER.verification],
    NOW,
    'WRONG_KEY',
    'its statement is not signed by a pinned key (pinned: ours, other)',
  ],
  [
    'no key is pinned',
    SIGNED,
    [],
    NOW,
    'WRONG_KEY',
    'its statement is not signed by a pinned key (pinned: none)',
  ],
  [
    'its key was replaced',
    SIGNED,
    [KEY.until(NOW)],
    NOW,
    'WRONG_KEY',
    `its statement is not signed by a pinned key (the key ours was replaced, and accepted until ${NOW.toISOString()})`,
  ],
  [
    'its statement is the signature of the registry (rule 5.8, the key signs only PASS)',
    withEnvelope(KEY.envelope(statement(claims()), PayloadType.inToto)),
    PINNED,
    NOW,
    'BROKEN_STATEMENT',
    'its statement cannot be read, or is not a statement of this library',
  ],
];

describe('refuses', () => {
  test.each(REFUSED)('%s', (_, row, keys, now, reason, says) => {
    expect(decide(IMAGE, row, keys, now)).toMatchObject({
      trusted: false,
      reason,
      says: `${IMAGE} is refused: ${says}`,
    });
  });

  test("for every reason that is not a gate's or the registry's own", () => {
    const ofOthers: Reason[] = [
      'ELSEWHERE',
      'LOOKUP_FAILED',
      'NOT_READABLE',
      'NO_SIGNATURE',
      'TAG_NOT_DIGEST',
    ];
    expect(new Set([...REFUSED.map(([, , , , reason]) => reason), ...ofOthers])).toEqual(
      new Set(Reason.options),
    );
  });

  test.each(REGISTER.forged)('%s (rule 5.7, fail closed)', (_, envelope, reason) => {
    expect(decide(IMAGE, withEnvelope(envelope), PINNED, NOW)).toMatchObject({ trusted: false, reason });
  });

  test.each(Cause.options)('says what to do about %s', cause => {
    const row = withFailedScan(NEW, nextFailedScan(undefined, { cause, detail: 'x' }, NOW));
    expect(decide(IMAGE, row, PINNED, NOW)).toMatchObject({
      reason: 'INDETERMINATE',
      remedy: CAUSES[cause].remedy,
    });
  });

  test('of an attachment says what to deploy instead, where that is known', () => {
    const row = { ...NEW, kind: 'attachment' as const };
    expect(decide(IMAGE, row, PINNED, NOW)).toMatchObject({ remedy: 'deploy the image that it belongs to' });
    const known = { ...row, attachment: { type: 'x', subject: DIGEST } };
    expect(decide(IMAGE, known, PINNED, NOW)).toMatchObject({
      remedy: `deploy the image that it belongs to: ${DIGEST} of the same repository`,
    });
    const gone = withFailedScan(known, nextFailedScan(undefined, { cause: 'IMAGE_GONE', detail: 'x' }, NOW));
    expect(decide(IMAGE, gone, PINNED, NOW)).toMatchObject({ reason: 'INDETERMINATE' });
  });

  test('of an index names the platform of each finding', () => {
    const row = withVerdict(
      { ...NEW, kind: 'index' },
      summary(failing({ violations: [violation({ platform: 'linux/arm64' })] })),
    );
    expect(decide(IMAGE, row, PINNED, NOW)).toMatchObject({
      worst: ['vulnerabilities: [linux/arm64] CRITICAL CVE-1 in a 1; upgrade a to 2'],
    });
  });

  test('names the worst findings, and their rules', () => {
    const row = withVerdict(
      NEW,
      summary(
        failing({
          violations: [
            violation(),
            violation({ rule: 'secrets', message: 'a key in /k', remedy: 'take it out' }),
          ],
        }),
      ),
    );
    expect(decide(IMAGE, row, PINNED, NOW)).toMatchObject({
      worst: ['vulnerabilities: CRITICAL CVE-1 in a 1; upgrade a to 2', 'secrets: a key in /k; take it out'],
    });
  });

  test('names none where findings are not why', () => {
    expect(decide(IMAGE, withVerdict(NEW, PASS), PINNED, NOW)).toMatchObject({ worst: [] });
  });
});

test.each(Reason.options)('%s: one sentence says what is wrong, another one what to do', reason => {
  const { says, remedy } = REFUSALS[reason];
  for (const text of [says, remedy]) expect(text).toMatch(/^[a-z][^.]*[^.]$/);
});

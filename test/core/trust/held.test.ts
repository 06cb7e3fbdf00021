import { RegisterRow, type Held } from '../../../src/core/register/row';
import { withRevokedSignature, withVerdict } from '../../../src/core/register/transitions';
import { decide } from '../../../src/core/trust/decide';
import { whyAdmitted } from '../../../src/core/trust/why-admitted';
import { KEY, OTHER } from '../signing/crafted';
import { failing, IMAGE, minutes, NOW, scanId, summary, verdict } from '../support/made';
import { signedRow } from '../support/signing';

const FAIL = summary(failing({ verdictId: scanId(2), scanId: scanId(2), scanSeq: 2 }));
const HELD: Held = {
  verdictId: scanId(2),
  since: NOW.toISOString(),
  pulledAt: NOW.toISOString(),
  until: minutes(60).toISOString(),
  because: 'more than 20 % of the trusted images failed',
};
const SIGNED = signedRow(KEY);
const ROW = withVerdict(SIGNED, FAIL, HELD);
const PINNED = [KEY.verification];

test('a held FAIL is admitted, until the hold ends, and the gate says why (rule 5.13, the brake)', () => {
  const decision = decide(IMAGE, ROW, PINNED, NOW);
  expect(decision).toEqual({
    trusted: true,
    image: IMAGE,
    validUntil: HELD.until,
    heldBecause: HELD.because,
  });
  expect(decision.trusted && whyAdmitted(decision)).toBe(
    `admitted: its revocation is held by the brake until ${HELD.until}, because more than 20 % of the trusted images failed`,
  );
  expect(RegisterRow.parse(ROW)).toEqual(ROW);
});

test.each<[string, RegisterRow, typeof PINNED, Date]>([
  ['its time is over', ROW, PINNED, minutes(60)],
  ['its time is none', { ...ROW, held: { ...HELD, until: 'never' } }, PINNED, NOW],
  ['the statement has ended', withVerdict(shortly(), FAIL, HELD), PINNED, minutes(30)],
  ['the statement is of another key', ROW, [OTHER.verification], NOW],
  ['there is no statement', { ...ROW, statement: undefined }, PINNED, NOW],
  [
    'the statement is of another image',
    { ...ROW, statement: signedRow(KEY, IMAGE.replace('team/app', 'team/other')).statement },
    PINNED,
    NOW,
  ],
])('it is refused if %s, with the violations', (_, row, keys, now) => {
  expect(decide(IMAGE, row, keys, now)).toMatchObject({
    trusted: false,
    reason: 'FAILED',
    worst: FAIL.worst,
  });
});

function shortly(): RegisterRow {
  return signedRow(KEY, IMAGE, { validUntil: minutes(30).toISOString() });
}

test('the next PASS forgets it, the next FAIL that is not held revokes, and a signature that comes late does not', () => {
  const passed = withVerdict(ROW, summary(verdict({ verdictId: scanId(3), scanSeq: 3 })));
  expect(passed).not.toHaveProperty('held');
  expect(passed.statement).toEqual(SIGNED.statement);
  const revoked = withVerdict(ROW, { ...FAIL, verdictId: scanId(3) });
  expect(revoked).toMatchObject({ revokedBy: scanId(3) });
  expect(revoked).not.toHaveProperty('held');
  expect(revoked).not.toHaveProperty('statement');
  expect(withRevokedSignature(ROW, { keyHint: 'hint', at: NOW.toISOString() })).not.toHaveProperty(
    'revokedBy',
  );
});

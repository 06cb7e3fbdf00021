import * as fc from 'fast-check';
import { imageName, type Image } from '../../../src/core/image/image';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import type { DsseEnvelope } from '../../../src/core/signing/dsse';
import { decide } from '../../../src/core/trust/decide';
import { KEY, OTHER } from '../signing/crafted';
import { images } from '../support/arbitraries';
import { failing, IMAGE, minutes, NOW, summary, verdict } from '../support/made';
import { LocalKey, signedRow, statement, statementClaims } from '../support/signing';

const STRANGER = new LocalKey('stranger');
const SIGNED = signedRow(KEY);
const ENVELOPE = SIGNED.statement!.envelope;

const withEnvelope = (envelope: DsseEnvelope): RegisterRow => ({
  ...SIGNED,
  statement: { verdictId: SIGNED.verdict!.verdictId, envelope },
});
const at = (count: number) => minutes(count).toISOString();

/** Minutes from now, often one of the moments at which something ends. */
const moment = fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.constantFrom(-1, 0, 1, 5, 6));

/** An image and what the register holds of it, right and wrong. */
const situation = fc.record({
  outcome: fc.constantFrom('PASS', 'PASS', 'PASS', 'FAIL'),
  verdictUntil: moment,
  statementUntil: moment,
  evaluatedAt: fc.integer({ min: -5000, max: 10 }),
  signer: fc.constantFrom(KEY, KEY, KEY, OTHER, STRANGER),
  otherUntil: moment,
  isForImage: fc.constantFrom(true, true, true, false),
  isRowOfImage: fc.constantFrom(true, true, true, false),
  isSigned: fc.constantFrom(true, true, true, false),
});

/** All is as it has to be. */
const RIGHT = {
  outcome: 'PASS',
  verdictUntil: 6,
  statementUntil: 5,
  evaluatedAt: 5,
  signer: KEY,
  otherUntil: 1,
  isForImage: true,
  isRowOfImage: true,
  isSigned: true,
};
/** Each by itself takes the trust away. */
const WRONG: readonly Partial<typeof RIGHT>[] = [
  { outcome: 'FAIL' },
  { verdictUntil: 0 },
  { statementUntil: 0 },
  { evaluatedAt: 6 },
  { signer: STRANGER },
  { signer: OTHER, otherUntil: 0 },
  { isForImage: false },
  { isRowOfImage: false },
  { isSigned: false },
];

describe('trust', () => {
  test('is there if and only if the verdict is PASS, neither it nor its statement has expired, and a pinned key signed just that (rules 4.5, 5.7)', () => {
    const trusted: object[] = [];
    const examples = [{}, { signer: OTHER }, ...WRONG].map((part): [typeof RIGHT] => [{ ...RIGHT, ...part }]);
    fc.assert(
      fc.property(situation, given => {
        const of = given.outcome === 'PASS' ? verdict() : failing();
        const about = given.isForImage ? IMAGE : IMAGE.replace('team/app', 'team/b');
        const said = statementClaims(about, {
          validUntil: at(given.statementUntil),
          evaluatedAt: at(given.evaluatedAt),
        });
        const row: RegisterRow = {
          ...newRow(given.isRowOfImage ? IMAGE : IMAGE.replace('team/app', 'team/c')),
          verdict: summary({ ...of, validUntil: at(given.verdictUntil) }),
          ...(given.isSigned && {
            statement: { verdictId: of.verdictId, envelope: given.signer.envelope(statement(said)) },
          }),
        };
        const decision = decide(IMAGE, row, [KEY.verification, OTHER.until(minutes(given.otherUntil))], NOW);
        const isPinned = given.signer === KEY || (given.signer === OTHER && given.otherUntil > 0);
        const isInTime = given.verdictUntil > 0 && given.statementUntil > 0 && given.evaluatedAt <= 5;
        expect(decision.trusted).toBe(
          given.outcome === 'PASS' &&
            given.isSigned &&
            given.isForImage &&
            given.isRowOfImage &&
            isPinned &&
            isInTime,
        );
        if (!decision.trusted) return;
        trusted.push(given);
        expect(decision.validUntil).toBe(at(Math.min(given.verdictUntil, given.statementUntil)));
      }),
      { numRuns: 500, examples },
    );
    // the examples come first
    expect(trusted.slice(0, 2)).toEqual(examples.slice(0, 2).flat());
  });

  test('ends with the first of the two that ends, however they are written (rule 4.5, expiry and grace periods)', () => {
    // as text, the last comes before the second
    const [nine, shortNine, later] = [at(9), at(9).replace('.000Z', 'Z'), at(9).replace('.000Z', '.500Z')];
    for (const [ofVerdict, ofStatement, ends] of [
      [later, shortNine, shortNine],
      [shortNine, later, shortNine],
      [nine, shortNine, nine],
    ] as const) {
      const signed = signedRow(KEY, IMAGE, { validUntil: ofStatement });
      const row = { ...signed, verdict: { ...signed.verdict!, validUntil: ofVerdict } };
      expect(decide(IMAGE, row, [KEY.verification], NOW)).toMatchObject({ trusted: true, validUntil: ends });
    }
  });
});

describe('a statement', () => {
  const pinned = [KEY.verification];
  const flipped = (text: string, place: number, mask: number) => {
    const bytes = Buffer.from(text, 'base64');
    const byte = place % bytes.length;
    bytes[byte] = (bytes[byte]! + mask) % 256;
    return bytes.toString('base64');
  };
  const flip = fc.record({ place: fc.nat(5000), mask: fc.integer({ min: 1, max: 255 }) });

  test('of which any byte was changed is refused', () => {
    fc.assert(
      fc.property(flip, ({ place, mask }) => {
        expect(
          decide(
            IMAGE,
            withEnvelope({ ...ENVELOPE, payload: flipped(ENVELOPE.payload, place, mask) }),
            pinned,
            NOW,
          ),
        ).toMatchObject({ trusted: false, reason: 'WRONG_KEY' });
      }),
      { numRuns: 200 },
    );
  });

  test('of whose signature any byte was changed is refused', () => {
    fc.assert(
      fc.property(flip, ({ place, mask }) => {
        const sig = flipped(ENVELOPE.signatures[0]!.sig, place, mask);
        expect(
          decide(IMAGE, withEnvelope({ ...ENVELOPE, signatures: [{ keyid: '', sig }] }), pinned, NOW),
        ).toMatchObject({ trusted: false, reason: 'WRONG_KEY' });
      }),
      { numRuns: 200 },
    );
  });

  test('of which any character was changed, added or left out is refused: there is one spelling', () => {
    const characters = [...'ABCwxyz0189+/=-_ \n'];
    fc.assert(
      fc.property(
        fc.constantFrom('payload', 'sig'),
        fc.nat(5000),
        fc.constantFrom('', ...characters),
        fc.nat(1),
        (part, place, character, cut) => {
          const before = part === 'payload' ? ENVELOPE.payload : ENVELOPE.signatures[0]!.sig;
          const from = place % (before.length + 1);
          const text = before.slice(0, from) + character + before.slice(from + cut);
          fc.pre(text !== before);
          const envelope =
            part === 'payload'
              ? { ...ENVELOPE, payload: text }
              : { ...ENVELOPE, signatures: [{ keyid: '', sig: text }] };
          expect(decide(IMAGE, withEnvelope(envelope), pinned, NOW)).toMatchObject({ trusted: false });
        },
      ),
      { numRuns: 400 },
    );
  });

  test('for one image never makes another one trusted, however alike they are', () => {
    const alike = fc.tuple(
      images(),
      images(),
      fc.subarray<keyof Image>(['account', 'region', 'repository', 'digest']),
    );
    fc.assert(
      fc.property(alike, ([one, other, same]) => {
        const [a, b] = [
          imageName(one),
          imageName({ ...other, ...Object.fromEntries(same.map(field => [field, one[field]])) }),
        ];
        fc.pre(a !== b);
        const [ofA, ofB] = [signedRow(KEY, a), signedRow(KEY, b)];
        expect(decide(a, ofA, pinned, NOW)).toMatchObject({ trusted: true, image: a });
        expect(decide(b, ofA, pinned, NOW)).toMatchObject({ trusted: false, reason: 'OTHER_IMAGE' });
        expect(decide(b, { ...ofB, statement: ofA.statement }, pinned, NOW)).toMatchObject({
          trusted: false,
          reason: 'OTHER_IMAGE',
        });
        const renamed = statement(statementClaims(a));
        renamed.subject[0].annotations.image = b;
        const row = { ...ofB, statement: { ...ofA.statement!, envelope: KEY.envelope(renamed) } };
        // digest and repository are compared, too
        expect(decide(b, row, pinned, NOW)).toMatchObject({ trusted: false, reason: 'OTHER_IMAGE' });
      }),
      { numRuns: 100 },
    );
  });
});

describe('an invalid time', () => {
  const noTime = fc
    .oneof(
      fc.constantFrom('', 'never', '2026-13-01T00:00:00Z', '2026-11-25T25:00:00Z', 'Infinity', '\u0000'),
      fc.string(),
    )
    .filter(text => Number.isNaN(Date.parse(text)));
  const pinned = [KEY.verification];

  test('is refused as the end of a verdict', () => {
    fc.assert(
      fc.property(noTime, validUntil => {
        expect(
          decide(IMAGE, { ...SIGNED, verdict: { ...SIGNED.verdict!, validUntil } }, pinned, NOW),
        ).toMatchObject({ trusted: false, reason: 'EXPIRED' });
      }),
      { numRuns: 100 },
    );
  });

  test.each(['validUntil', 'evaluatedAt'] as const)('is refused as %s of a statement', claim => {
    fc.assert(
      fc.property(
        fc.oneof(noTime, fc.constantFrom('2099', '1e99', '2099-01-01', 'Dec 1 2099', 4102444800000)),
        time => {
          const row = signedRow(KEY, IMAGE, { [claim]: time });
          expect(decide(IMAGE, row, pinned, NOW)).toMatchObject({
            trusted: false,
            reason: 'BROKEN_STATEMENT',
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  test('is refused as now', () => {
    expect(decide(IMAGE, SIGNED, pinned, new Date(NaN))).toMatchObject({ trusted: false, reason: 'EXPIRED' });
  });

  test('is refused as the end of a key', () => {
    expect(decide(IMAGE, SIGNED, [KEY.until(new Date(NaN))], NOW)).toMatchObject({
      trusted: false,
      reason: 'WRONG_KEY',
    });
  });
});

import {
  claimsOf,
  RegisterStatement,
  RegistryStatement,
  statementBytes,
  whyNotFor,
} from '../../../src/core/signing/statement';
import { DIGEST, IMAGE, minutes, NOW, verdict } from '../support/made';
import { claims, statement, statementClaims } from '../support/signing';

const HEX = DIGEST.slice('sha256:'.length);
const CLAIMS =
  `"image":"${IMAGE}","repository":"000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app","verdict":"PASS","scanId":"01JDG000000000000000000001",` +
  `"policy":"${'f'.repeat(64)}","evaluatedAt":"${NOW.toISOString()}"`;
const around = (said: string) =>
  `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"${HEX}"},"annotations":{${said}}}],` +
  '"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}';

describe('what is signed, byte for byte', () => {
  test("for the registry: cosign's own statement, with the claims where `-a` looks for them", () => {
    expect(Buffer.from(statementBytes(claims())).toString()).toBe(around(CLAIMS));
    expect(RegistryStatement.safeParse(statement(claims())).success).toBe(true);
  });

  test('for the register: the same, and until when', () => {
    expect(Buffer.from(statementBytes(statementClaims())).toString()).toBe(
      around(`${CLAIMS},"validUntil":"2026-11-28T02:00:00.000Z"`),
    );
    expect(RegisterStatement.safeParse(statement(statementClaims())).success).toBe(true);
  });

  test('claims are strings: cosign compares nothing else', () => {
    for (const value of Object.values(statementClaims())) expect(typeof value).toBe('string');
  });

  test('says what the verdict says, and of which policy', () => {
    const evaluatedAt = minutes(1).toISOString();
    expect(
      claimsOf(verdict({ evaluatedAt, policy: { name: 'x', revision: 7, sha256: 'e' } }), 'amazonaws.com.cn'),
    ).toEqual({
      ...claims(),
      evaluatedAt,
      policy: 'e',
      repository: '000000000000.dkr.ecr.us-east-1.amazonaws.com.cn/team/app',
    });
  });

  test('a statement of the registry is none of the register, which expires, and the other way round (rule 5.8, the key signs only PASS)', () => {
    expect(RegisterStatement.safeParse(statement(claims())).success).toBe(false);
    expect(RegistryStatement.safeParse(statement(statementClaims())).success).toBe(false);
  });
});

describe('for which image', () => {
  const why = (image: string, changes = {}, now = NOW) =>
    whyNotFor({ digest: DIGEST, claims: claims(IMAGE, changes) }, image, now);

  test('exactly one', () => {
    expect(why(IMAGE)).toBeUndefined();
    for (const [part, other] of [
      ['000000000000', '111111111111'],
      ['us-east-1', 'us-east-2'],
      ['team/app', 'team/app2'],
      ['team/app', 'app'],
      ['@sha256:a', '@sha256:b'],
    ] as const) {
      expect(why(IMAGE.replace(part, other))).toBe('OTHER_IMAGE');
    }
  });

  test.each<[number, string | undefined]>([
    [-1e6, undefined],
    [0, undefined],
    [5, undefined],
    [5.001, 'BROKEN_STATEMENT'],
    [1e6, 'BROKEN_STATEMENT'],
  ])('judged in %d minutes: %s', (count, wrong) => {
    expect(why(IMAGE, { evaluatedAt: minutes(count).toISOString() })).toBe(wrong);
  });

  test('another image is said first', () => {
    expect(why(IMAGE.replace('app', 'b'), { evaluatedAt: minutes(60).toISOString() })).toBe('OTHER_IMAGE');
  });
});

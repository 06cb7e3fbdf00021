import * as fc from 'fast-check';
import { verdictKey } from '../../../src/core/evidence/evidence-keys';
import type { VerdictSummary } from '../../../src/core/evidence/verdict';
import { newRow, RegisterRow } from '../../../src/core/register/row';
import {
  isUnsigned,
  toWrite,
  withFailedScan,
  withParent,
  withRevokedSignature,
  withStatement,
  withTag,
  withVerdict,
} from '../../../src/core/register/transitions';
import { Cause, nextFailedScan } from '../../../src/core/scanning/failed-scan';
import { decide } from '../../../src/core/trust/decide';
import { KEY } from '../signing/crafted';
import { failing, IMAGE, minutes, NOW, scanId, summary, verdict } from '../support/made';
import { signedRow, statement, statementClaims } from '../support/signing';

const NEW: RegisterRow = { ...newRow(IMAGE), kind: 'image' };
const PASS = summary(verdict());
const FAIL = summary(failing({ verdictId: scanId(2), scanId: scanId(2), scanSeq: 2 }));
const SIGNED = signedRow(KEY);
const SIGNATURE = { keyHint: 'hint', at: NOW.toISOString() };
const signed = (verdictId: string) => ({ verdictId, envelope: KEY.envelope(statement(statementClaims())) });

describe('a statement on record (rule 4.11, sign only what the register says)', () => {
  test('ends a revocation, and comes with the signature where there is a new one', () => {
    const row = withStatement(
      { ...withVerdict(NEW, PASS), revokedBy: scanId(0) },
      signed(PASS.verdictId),
      SIGNATURE,
    );
    expect(row).toMatchObject({ statement: { verdictId: PASS.verdictId }, signature: SIGNATURE });
    expect(row).not.toHaveProperty('revokedBy');
    expect(withStatement(row, signed(PASS.verdictId), undefined).signature).toEqual(SIGNATURE);
    expect(RegisterRow.parse(row)).toEqual(row);
  });

  test('stays at the next PASS, and at a failed scan (rule 4.4, failed scans keep the verdict)', () => {
    expect(withVerdict(SIGNED, { ...PASS, verdictId: scanId(2) }).statement).toEqual(SIGNED.statement);
    expect(
      withFailedScan(SIGNED, nextFailedScan(undefined, { cause: 'PROVENANCE', detail: 'x' }, NOW)).statement,
    ).toEqual(SIGNED.statement);
  });

  test('goes at a FAIL, which is remembered as the one that ended the trust', () => {
    const row = withVerdict({ ...SIGNED, signature: SIGNATURE }, FAIL);
    expect(row).toMatchObject({ verdict: FAIL, revokedBy: FAIL.verdictId, signature: SIGNATURE });
    expect(row).not.toHaveProperty('statement');
    expect(withVerdict(row, { ...FAIL, verdictId: scanId(3) }).revokedBy).toBe(FAIL.verdictId);
  });

  test('a FAIL of what was never trusted revokes nothing', () => {
    expect(withVerdict(withVerdict(NEW, PASS), FAIL)).not.toHaveProperty('revokedBy');
  });

  test('the signature in the registry is forgotten where the image is gone, and with no other failed scan', () => {
    const row = { ...SIGNED, signature: SIGNATURE };
    for (const cause of Cause.options) {
      expect(withFailedScan(row, nextFailedScan(undefined, { cause, detail: 'x' }, NOW)).signature).toEqual(
        cause === 'IMAGE_GONE' ? undefined : SIGNATURE,
      );
    }
  });

  test.each<[string, unknown]>([
    ['of no verdict', { envelope: SIGNED.statement!.envelope }],
    [
      'with two signatures',
      {
        verdictId: scanId(1),
        envelope: { ...SIGNED.statement!.envelope, signatures: [{ sig: 'QQ==' }, { sig: 'QQ==' }] },
      },
    ],
    ['that is text', JSON.stringify(SIGNED.statement)],
  ])('one %s makes the row unreadable', (_, of) => {
    expect(RegisterRow.safeParse({ ...SIGNED, statement: of }).success).toBe(false);
  });
});

describe('passed, and not signed for this verdict yet', () => {
  test.each<[string, boolean, RegisterRow]>([
    ['a PASS without a statement', true, withVerdict(NEW, PASS)],
    ['a PASS with its statement', false, SIGNED],
    [
      'a renewal with the statement of the PASS before',
      true,
      withVerdict(SIGNED, { ...PASS, verdictId: scanId(2) }),
    ],
    ['a FAIL', false, withVerdict(NEW, FAIL)],
    ['no verdict', false, NEW],
    ['a PASS that has expired', false, withVerdict(NEW, { ...PASS, validUntil: NOW.toISOString() })],
    ['a PASS until no time', false, withVerdict(NEW, { ...PASS, validUntil: 'never' })],
    ['a PASS after a revocation', true, { ...withVerdict(NEW, PASS), revokedBy: scanId(0) }],
  ])('%s: %s', (_, unsigned, row) => {
    expect(isUnsigned(row, NOW)).toBe(unsigned);
  });
});

describe('a signature that reached the registry after the image was refused (rule 4.11, sign only what the register says)', () => {
  test.each<[string, RegisterRow, string | undefined]>([
    ['is revoked by the FAIL', withVerdict(NEW, FAIL), FAIL.verdictId],
    [
      'is revoked by the FAIL that ended the trust before',
      { ...withVerdict(NEW, FAIL), revokedBy: scanId(1) },
      scanId(1),
    ],
    ['is none to revoke where a later PASS stands', withVerdict(NEW, PASS), undefined],
  ])('%s', (_, row, revokedBy) => {
    const changed = withRevokedSignature(row, SIGNATURE);
    const revoked = revokedBy !== undefined && { revokedBy };
    expect(changed).toEqual({ ...row, signature: SIGNATURE, wasTrusted: true, ...revoked });
    expect(RegisterRow.parse(changed)).toEqual(changed);
  });
});

describe('whatever happens to an image, in any order', () => {
  type Step = 'pass' | 'fail' | 'sign' | 'sign too late' | 'failed-scan';

  test('trust is there if and only if the last verdict is a PASS and it, or the PASS before it, was signed since the last FAIL', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Step>('pass', 'fail', 'sign', 'sign too late', 'failed-scan'), {
          maxLength: 20,
        }),
        steps => {
          let [row, isPass, isSigned] = [NEW, false, false];
          steps.forEach((step, at) => {
            const verdictOf = (of: VerdictSummary) => ({
              ...of,
              verdictId: scanId(at),
              scanId: scanId(at),
              scanSeq: at,
            });
            if (step === 'pass') [row, isPass] = [withVerdict(row, verdictOf(PASS)), true];
            if (step === 'fail') [row, isPass, isSigned] = [withVerdict(row, verdictOf(FAIL)), false, false];
            if (step === 'sign' && isUnsigned(row, NOW)) {
              [row, isSigned] = [withStatement(row, signed(row.verdict!.verdictId), SIGNATURE), true];
            }
            if (step === 'sign too late') row = withRevokedSignature(row, SIGNATURE);
            if (step === 'failed-scan') {
              row = withFailedScan(
                row,
                nextFailedScan(row.lastFailedScan, { cause: 'BUILD_FAULT', detail: 'x' }, NOW),
              );
            }
            expect(decide(IMAGE, row, [KEY.verification], NOW).trusted).toBe(isPass && isSigned);
            expect([
              row.statement === undefined,
              row.statement !== undefined && row.revokedBy !== undefined,
            ]).toEqual([!isSigned, false]);
          });
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the size of a row', () => {
  /** As much as an image that passed can have in it. */
  function whole(repository: string, tag: string, parents: number): RegisterRow {
    const image = IMAGE.replace('us-east-1', 'ap-northeast-1').replace('team/app', repository);
    const row = signedRow(KEY, image);
    const lease = {
      scanId: scanId(9),
      scanSeq: 9,
      at: NOW.toISOString(),
      until: minutes(60).toISOString(),
      configDigest: `sha256:${'c'.repeat(64)}`,
      reason: 'renewal' as const,
      buildRevision: 'r'.repeat(64),
      buildId: 'b'.repeat(100),
    };
    const kept: RegisterRow = {
      ...row,
      lease,
      signature: { keyHint: 'h'.repeat(44), at: NOW.toISOString() },
      verdict: { ...row.verdict!, evidenceKey: verdictKey(image, scanId(1)) },
    };
    const tagged = Array.from({ length: 10 }, (_, at) => `${at}${tag.slice(1)}`).reduce<RegisterRow>(
      (before, each) => withTag(before, each),
      kept,
    );
    const digests = Array.from({ length: parents }, (_, at) => `sha256:${String(at).padStart(64, '0')}`);
    return RegisterRow.parse(
      toWrite(
        digests.reduce<RegisterRow>((before, digest) => withParent(before, digest), tagged),
        NOW,
      ),
    );
  }

  const bytes = (of: unknown) => Buffer.byteLength(JSON.stringify(of));

  test("is one unit of a strongly consistent read, 4 KB, also in the repository of CDK's assets, with ten tags that are commits", () => {
    expect(
      bytes(whole('cdk-hnb659fds-container-assets-111122223333-ap-northeast-1', 'f'.repeat(40), 1)),
    ).toBeLessThan(4096);
  });

  test('is two units at most, with names and tags as long as they can be, and as many indexes as are remembered', () => {
    const row = withFailedScan(
      whole('r'.repeat(256), 't'.repeat(128), 20),
      nextFailedScan(undefined, { cause: 'REGISTRY_UNAVAILABLE', detail: 'd'.repeat(400) }, NOW, scanId(8)),
    );
    expect(bytes(row)).toBeLessThan(8192);
    expect(bytes({ statement: row.statement, signature: row.signature })).toBeLessThan(2048);
  });
});

import { ExitCode } from '../../../cli/shell/exit-code';
import { asciiJson } from '../../../cli/shell/output';
import { decisionJson, decisionLines, exitCodeOf } from '../../../cli/stack/decision';
import { newRow } from '../../../src/core/register/row';
import { withVerdict } from '../../../src/core/register/transitions';
import { Reason, refused } from '../../../src/core/trust/refusal';
import { askDeployed, askRegistry } from '../../../use-cases/deployed-trust/ask';
import { fakeRegister } from '../../cli/stack/fakes';
import { HOSTILE } from '../../core/support/hostile';
import { failing, IMAGE, minutes, NOW, summary } from '../../core/support/made';
import { bundle, claims, LocalKey, LocalRepository, signedRow, statement } from '../../core/support/signing';

const KEY = new LocalKey('ours');
const keys = { all: async () => [KEY.verification] };
const policies = { policy: async () => ({ revision: 1 }) };
const FAILED = withVerdict(newRow(IMAGE), summary(failing()));

const CODES: Record<Reason, ExitCode> = {
  NO_VERDICT: 2,
  INDETERMINATE: 2,
  NO_STATEMENT: 2,
  LOOKUP_FAILED: 2,
  FAILED: 1,
  REVOKED: 1,
  EXPIRED: 1,
  NO_SIGNATURE: 1,
  WRONG_KEY: 1,
  OTHER_IMAGE: 1,
  BROKEN_STATEMENT: 1,
  NO_IMAGE: 2,
  TAG_NOT_DIGEST: 1,
  NOT_READABLE: 1,
  ELSEWHERE: 1,
};

test.each(Reason.options)('%s ends with its code, and never with 0', reason => {
  expect(exitCodeOf(refused(IMAGE, reason))).toBe(CODES[reason]);
});

describe('the register', () => {
  test('answers as a gate does: trusted, and until when', async () => {
    const decided = await askDeployed(
      IMAGE,
      { register: fakeRegister(signedRow(KEY)), keys, policies, evidenceBucket: 'evidence' },
      NOW,
    );
    expect(exitCodeOf(decided.decision)).toBe(ExitCode.trusted);
    expect(decisionLines(decided)).toEqual([`${IMAGE} is trusted until ${minutes(72 * 60).toISOString()}`]);
    expect(decisionJson(decided, IMAGE)).toMatchObject({
      trusted: true,
      repository: 'team/app',
      validUntil: minutes(72 * 60).toISOString(),
    });
  });

  test('does not count what an audit let through that is over', async () => {
    const row = signedRow(KEY);
    const audited = { ...row, verdict: { ...row.verdict!, audit: true as const } };
    const ask = (revision: number) =>
      askDeployed(
        IMAGE,
        {
          register: fakeRegister(audited),
          keys,
          policies: { policy: async () => ({ revision }) },
          evidenceBucket: 'evidence',
        },
        NOW,
      );
    expect((await ask(audited.verdict.policyRevision)).decision.trusted).toBe(true);
    expect((await ask(audited.verdict.policyRevision + 1)).decision).toMatchObject({
      trusted: false,
      reason: 'NO_VERDICT',
    });
  });

  test('or with the words that the events of a stack have for it', async () => {
    const decided = await askDeployed(
      IMAGE,
      { register: fakeRegister(FAILED), keys, policies, evidenceBucket: 'evidence' },
      NOW,
    );
    expect(decisionLines(decided)).toEqual([
      expect.stringContaining('is refused: it does not pass policy'),
      expect.stringMatching(/^- vulnerabilities: /),
      expect.stringMatching(/^To fix: /),
      expect.stringMatching(/^verdict: s3:\/\/evidence\//),
      expect.stringMatching(/^report: s3:\/\/evidence\//),
    ]);
    expect(decisionJson(decided, IMAGE)).toMatchObject({
      trusted: false,
      reason: 'FAILED',
      findings: [expect.any(String)],
      verdict: expect.stringMatching(/^s3:/),
    });
  });
});

describe('the registry', () => {
  const repository = new LocalRepository('team/app');
  const image = repository.image('a');
  const name = repository.name(image);
  repository.attach(image, bundle(KEY, statement(claims(name))));

  test('vouches for as long as the image was judged ago at most', async () => {
    const decided = await askRegistry(name, 3600, [KEY.verification], repository, minutes(30));
    expect(decided.decision).toEqual({ trusted: true, image: name, validUntil: minutes(60).toISOString() });
  });

  test.each<[string, Promise<{ decision: Parameters<typeof exitCodeOf>[0] }>, ExitCode]>([
    ['judged too long ago', askRegistry(name, 3600, [KEY.verification], repository, minutes(61)), 1],
    ['by another key', askRegistry(name, 3600, [new LocalKey('other').verification], repository, NOW), 1],
    ['no such image', askRegistry(IMAGE, 3600, [KEY.verification], repository, NOW), 2],
  ])('%s', async (_, asked, code) => {
    expect(exitCodeOf((await asked).decision)).toBe(code);
  });
});

test.each(HOSTILE)('JSON of %j is ASCII, one value, and loses nothing', text => {
  const json = asciiJson({ text });
  expect(json).toMatch(/^[\n\x20-\x7e]*$/);
  expect(JSON.parse(json)).toEqual({ text });
});

test.each(HOSTILE)('a refusal with %j in it shows nothing but lines of visible characters', text => {
  const row = withVerdict(newRow(IMAGE), { ...summary(failing()), worst: [text] });
  const lines = decisionLines({
    decision: refused(IMAGE, 'FAILED', text, { worst: [text] }),
    row,
    evidenceBucket: 'evidence',
  });
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
});

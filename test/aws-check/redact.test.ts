import * as fc from 'fast-check';
import { redact, REDACTED, redactText } from '../../aws-check/redact';
import { secretsOf } from '../../aws-check/report';

const digits = fc.stringMatching(/^[0-9]{12}$/);
const accessKey = fc.stringMatching(/^A(?:KIA|SIA|ROA|IDA)[A-Z0-9]{16}$/);
const secret = fc.stringMatching(/^[A-Za-z0-9/+]{40}$/);
const context = fc.tuple(
  fc.constantFrom('', ' ', ':', '/', '"', '-', 'arn:aws:iam::', 'https://', '\n', '='),
  fc.constantFrom('', ' ', ':', '/', '"', '-', '.dkr.ecr.eu-west-1.amazonaws.com', '\n', '&'),
);

test('no number of an account is left, wherever it stands', () => {
  fc.assert(
    fc.property(digits, context, (account, [before, after]) => {
      const found = redactText(`${before}${account}${after}`);
      expect(found.replaceAll(REDACTED.account, '')).not.toMatch(/\d{12}/);
    }),
  );
});

test('the account of the check is not left even within a word or a longer number', () => {
  fc.assert(
    fc.property(digits, fc.string(), fc.string(), (account, before, after) => {
      fc.pre(account !== REDACTED.account);
      const found = redactText(`${before}${account}${after}`, [account]).replaceAll(REDACTED.account, '|');
      expect(found).not.toContain(account);
    }),
  );
});

test('no access key, and no secret that the check knows, is left', () => {
  fc.assert(
    fc.property(accessKey, secret, context, (key, known, [before, after]) => {
      const found = redactText(`${before}${key}${after} ${before}${known}${after}`, [known]);
      expect(found).not.toContain(key);
      expect(found).not.toContain(known);
    }),
  );
});

test('no role of single sign-on and no name of the profile is left, in an address of a role or of a session', () => {
  // letters that stand in no other part of the text
  const name = fc.stringMatching(/^[QXZ][QXZ+=,.@_-]{2,30}$/);
  const hash = fc.stringMatching(/^[0-9a-f]{16}$/);
  fc.assert(
    fc.property(digits, name, hash, name, (account, set, end, profile) => {
      const role = `AWSReservedSSO_${set}_${end}`;
      const text = [
        `arn:aws:sts::${account}:assumed-role/${role}/somebody@example.com is not authorized`,
        `"arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/${role}"`,
        `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/${role}`,
        `the role ${role}`,
        `the profile ${profile} has no keys`,
      ].join('\n');
      const found = redactText(text, secretsOf({ account, profile }));
      for (const each of [set, end, profile, 'somebody']) expect(found).not.toContain(each);
    }),
  );
});

test.each([
  ['X-Amz-Signature', 'https://b.s3.amazonaws.com/k?X-Amz-Signature=0123abcd&x=1'],
  ['X-Amz-Security-Token', 'https://b.s3.amazonaws.com/k?X-Amz-Security-Token=0123abcd'],
  ['X-Amz-Credential', 'https://b.s3.amazonaws.com/k?X-Amz-Credential=0123abcd%2Fus'],
  ['a login', 'authorization: Basic 0123abcd'],
  ['a user', 'User: arn:aws:iam::123456789012:user/people/0123abcd is not authorized'],
  ['a session', 'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_1/0123abcd@example.com'],
])('%s: what it gives is not left', (_, text) => {
  expect(redactText(text)).not.toContain('0123abcd');
});

test('in an answer of any shape, nothing of this is left, in names or in values', () => {
  fc.assert(
    fc.property(digits, accessKey, secret, fc.json(), (account, key, known, json) => {
      const answer = {
        shape: JSON.parse(json) as unknown,
        [`arn:aws:iam::${account}:role/x`]: [{ deep: { at: `${account}.dkr.ecr`, number: Number(account) } }],
        list: [key, { known, sessionToken: known }],
        $metadata: { requestId: 'x' },
      };
      const text = JSON.stringify(redact(answer, [account, known]));
      fc.pre(account !== REDACTED.account && !JSON.stringify(answer.shape).includes(account));
      expect(text.replaceAll(REDACTED.account, '')).not.toContain(account);
      expect(text).not.toContain(key);
      expect(text).not.toContain(known);
      expect(text).not.toContain('$metadata');
    }),
  );
});

test("redacted twice is redacted once, and what is nobody else's stays", () => {
  fc.assert(
    fc.property(fc.json(), json => {
      const once = redact(JSON.parse(json));
      expect(redact(once)).toEqual(once);
    }),
  );
  const build = { buildStatus: 'SUCCEEDED', phases: [{ phaseType: 'QUEUED', durationInSeconds: 3 }] };
  expect(redact(build)).toEqual(build);
  const digest = `sha256:${'0123456789ab'.repeat(5)}0123`;
  expect(redactText(digest)).toBe(digest);
});

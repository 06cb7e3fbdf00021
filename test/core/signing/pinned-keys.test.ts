import { PinnedKeys, readPinnedKeys } from '../../../src/core/signing/pinned-keys';

const ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

test.each([
  ARN,
  ARN.replace('arn:aws:', 'arn:aws-cn:'),
  ARN.replace('arn:aws:', 'arn:aws-us-gov:'),
  ARN.replace('1234abcd-12ab-34cd-56ef-1234567890ab', 'mrk-1234abcd12ab34cd56ef1234567890ab'),
])('%s is pinned', arn => {
  expect(PinnedKeys.safeParse([{ arn }, { arn, acceptedUntil: '2026-12-01T00:00:00Z' }]).success).toBe(true);
});

test.each([
  'arn:aws:kms:eu-west-1:111122223333:alias/image-signing',
  'alias/image-signing',
  '1234abcd-12ab-34cd-56ef-1234567890ab',
  'arn:aws:kms:eu-west-1:111122223333:key',
  'arn:aws:iam::111122223333:key/x',
  'arn:aws:kms:eu-west-1::key/x',
  `x ${ARN}`,
  '*',
  '',
])('%s is not: only an ARN of a key names one key pair for ever', arn => {
  const read = PinnedKeys.safeParse([{ arn }]);
  expect(read.error?.issues).toMatchObject([
    { message: 'not the ARN of a key: an alias can be moved to another key' },
  ]);
});

test.each<[string, unknown]>([
  ['none', []],
  ['nothing', undefined],
  ['text', ARN],
  ['ARNs alone', [ARN]],
  ['an end that is no time', [{ arn: ARN, acceptedUntil: 'soon' }]],
  ['an end that is a number', [{ arn: ARN, acceptedUntil: 1 }]],
])('%s is no list of keys', (_, document) => {
  expect(PinnedKeys.safeParse(document).success).toBe(false);
});

test.each([
  ['no text of JSON', '{', 'no JSON; given "{"'],
  ['an alias', '[{"arn":"alias/images"}]', 'an alias can be moved to another key'],
])('%s is an error that says what is allowed', (_what, document, why) => {
  expect(() => readPinnedKeys(document)).toThrow('the pinned keys cannot be read (');
  expect(() => readPinnedKeys(document)).toThrow(why);
  expect(() => readPinnedKeys(document)).toThrow(
    'allowed: a list of {"arn": "arn:<partition>:kms:<region>:<account>:key/<id>"}',
  );
});

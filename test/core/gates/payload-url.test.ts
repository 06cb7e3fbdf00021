import { whyNoPayload } from '../../../src/core/gates/payload-url';

const AWS = { region: 'us-west-2', urlSuffix: 'amazonaws.com' };

test.each([
  'https://s3.us-west-2.amazonaws.com/bucket/key?X-Amz-Signature=s',
  'https://bucket.s3.amazonaws.com/key',
  'https://bucket.with.dots.s3.us-west-2.amazonaws.com/key',
  'https://bucket.s3.dualstack.us-west-2.amazonaws.com/key',
  'https://s3-us-west-2.amazonaws.com/bucket/key',
])('a URL of Amazon S3 is fetched: %s', url => expect(whyNoPayload(url, AWS)).toBeUndefined());

test.each([
  ['https://s3.us-west-2.amazonaws.com.evil.io/key', 'allowed: Amazon S3'],
  ['https://evil-s3.amazonaws.com/key', 'allowed: Amazon S3'],
  ['https://s3.evil.io/key', 'allowed: Amazon S3'],
  ['https://169.254.170.2/credentials', 'allowed: Amazon S3'],
  ['https://lambda.us-west-2.amazonaws.com/', 'allowed: Amazon S3'],
  ['http://s3.us-west-2.amazonaws.com/key', 'it is http, allowed: https'],
  ['file:///etc/passwd', 'it is file, allowed: https'],
  ['https://s3.us-west-2.amazonaws.com:8443/key', 'it has a port'],
  ['https://a:b@s3.us-west-2.amazonaws.com/key', 'a user or a password'],
  ['http://127.0.0.1:4566/key', 'it is http'],
  ['s3://bucket/key', 'it is s3'],
  ['key', 'it is not a URL'],
])('rule 5.7, fail closed: %s is not', (url, says) => expect(whyNoPayload(url, AWS)).toContain(says));

test('the embedded cloud is at the port of its endpoint, and at no other', () => {
  const local = { ...AWS, endpoint: 'http://127.0.0.1:4566' };
  expect(whyNoPayload('http://127.0.0.1:4566/bucket/key', local)).toBeUndefined();
  expect(whyNoPayload('http://127.0.0.1:4567/bucket/key', local)).toContain('it is http');
});

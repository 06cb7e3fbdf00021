import { whyNoAnswer } from '../../../src/core/gates/response-url';

const IRELAND = { region: 'eu-west-1', urlSuffix: 'amazonaws.com' };
const BUCKET = 'https://cloudformation-custom-resource-response-euwest1';
const LOCAL = { ...IRELAND, endpoint: 'http://127.0.0.1:4566' };

test.each<[string, { region: string; urlSuffix: string; endpoint?: string }]>([
  [`${BUCKET}.s3.eu-west-1.amazonaws.com/arn%3Aaws%3A?X-Amz-Signature=1`, IRELAND],
  [`${BUCKET}.s3-eu-west-1.amazonaws.com/arn`, IRELAND],
  [`${BUCKET}.s3.amazonaws.com/arn`, IRELAND],
  [`${BUCKET}.s3.dualstack.eu-west-1.amazonaws.com/arn`, IRELAND],
  ['https://cloudformation-custom-resource-response-eu-west-1.s3.eu-west-1.amazonaws.com/arn', IRELAND],
  [
    'https://cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn/arn',
    { region: 'cn-north-1', urlSuffix: 'amazonaws.com.cn' },
  ],
  [
    'https://cloudformation-custom-resource-response-usgovwest1.s3.us-gov-west-1.amazonaws.com/arn',
    { region: 'us-gov-west-1', urlSuffix: 'amazonaws.com' },
  ],
  ['http://127.0.0.1:4566/_ministack/cfn-response/1', LOCAL],
])('CloudFormation takes answers at %s', (url, place) => {
  expect(whyNoAnswer(url, place)).toBeUndefined();
});

test.each<[string, string]>([
  ['nothing', ''],
  ['no URL', 'not a URL'],
  ['HTTP', `${BUCKET.replace('https', 'http')}.s3.eu-west-1.amazonaws.com/arn`],
  ['a file', 'file:///etc/passwd'],
  ['another port', `${BUCKET}.s3.eu-west-1.amazonaws.com:8443/arn`],
  ['a user', `${BUCKET.replace('https://', 'https://user@')}.s3.eu-west-1.amazonaws.com/arn`],
  ['another host', 'https://example.com/arn'],
  ['another bucket', 'https://my-bucket.s3.eu-west-1.amazonaws.com/arn'],
  [
    'the bucket of another region',
    'https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com/arn',
  ],
  ['a bucket that is called nearly so', `${BUCKET}-mine.s3.eu-west-1.amazonaws.com/arn`],
  [
    'the name in the path',
    'https://s3.eu-west-1.amazonaws.com/cloudformation-custom-resource-response-euwest1/arn',
  ],
  ['the suffix in the middle', `${BUCKET}.s3.eu-west-1.amazonaws.com.example.com/arn`],
  ['the suffix of another partition', `${BUCKET}.s3.eu-west-1.amazonaws.com.cn/arn`],
  ['a dot that is another letter', `${BUCKET}.s3.eu-west-1.amazonawsXcom/arn`],
  ['this machine', 'http://127.0.0.1:4566/2018-06-01/runtime'],
  ['the address of metadata', 'http://169.254.169.254/latest'],
])('rule 5.10, no secrets of gates: nothing is sent to %s', (_, url) => {
  expect(whyNoAnswer(url, IRELAND)).toEqual(expect.any(String));
});

test.each([
  ['another port of this machine', 'http://127.0.0.1:9001/2018-06-01/runtime'],
  ['another name of it', 'http://localhost:4566/'],
])('rule 5.10, no secrets of gates: in the embedded cloud nothing is sent to %s', (_, url) => {
  expect(whyNoAnswer(url, LOCAL)).toEqual(expect.any(String));
});

test('an endpoint that is not of this machine opens nothing', () => {
  expect(whyNoAnswer('http://example.com/', { ...IRELAND, endpoint: 'http://example.com' })).toBe(
    'it is http, allowed: https',
  );
});

test('what is wrong is told without the path, which is the secret', () => {
  expect(whyNoAnswer('https://example.com/secret?signature', IRELAND)).toBe(
    'its host is "example.com", allowed: CloudFormation\'s bucket in eu-west-1',
  );
});

import { IncomingMessage } from 'node:http';
import { refusal } from '../../../local/cloud/gateway/guard';

const PORT = 4870;
const KEY = 'AKIA0123456789ABCDEF';
const signedBy = (key: string) =>
  `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00`;

function request(url: string, headers: Record<string, string> = {}, method = 'GET'): IncomingMessage {
  return { method, url, headers: { host: `127.0.0.1:${PORT}`, ...headers } } as unknown as IncomingMessage;
}

test.each([
  ['a signed request', request('/', { authorization: signedBy(KEY) }, 'POST')],
  ["a session's request", request('/bucket/key', { authorization: signedBy('ASIA0123456789ABCDEF') })],
  ['a presigned link', request(`/bucket/key?X-Amz-Credential=${KEY}%2F20260101&X-Amz-Signature=00`)],
  [
    'the other name of this machine',
    request('/', { authorization: signedBy(KEY), host: `localhost:${PORT}` }),
  ],
  ['the registry without a login', request('/v2/team/app/manifests/v1', {}, 'PUT')],
  ['a function by its URL', request('/_aws/lambda-url/0a1b/', { authorization: signedBy(KEY) }, 'POST')],
  ['the answer of a custom resource', request('/_ministack/cfn-response/0a-b', {}, 'PUT')],
])('lets %s pass', (_, given) => {
  expect(refusal(given, PORT)).toBeUndefined();
});

test.each([
  ['an origin, even an empty one', request('/v2/', { origin: 'null' }), /origin/],
  ['another port in the host', request('/v2/', { host: '127.0.0.1:80' }), /host/],
  ['a host with a suffix', request('/v2/', { host: `127.0.0.1:${PORT}.evil.example` }), /host/],
  ['two keys', request(`/?X-Amz-Credential=${KEY}/x`, { authorization: signedBy(KEY) }), /given 2/],
  ['a second, hidden key', request(`/?AWSAccessKeyId=test&X-Amz-Credential=${KEY}/x`), /given 2/],
  [
    'the old signature, which MiniStack does not check for its root',
    request('/', { authorization: 'AWS test:00' }),
    /access key/,
  ],
  ['a key that only begins like one', request('/', { authorization: signedBy('AKIA') }), /access key/],
  [
    'the reset of the emulator',
    request('/_ministack/reset', { authorization: signedBy(KEY) }, 'POST'),
    /internal/,
  ],
  ['a function by its URL without a key', request('/_aws/lambda-url/0a1b/', {}, 'POST'), /given 0/],
  [
    'the reset behind a function',
    request('/_aws/lambda-url/../../_ministack/reset', { authorization: signedBy(KEY) }, 'POST'),
    /internal/,
  ],
  ['the reset behind dots', request('/v2/../_ministack/reset', {}, 'POST'), /given 0/],
  ['a registry path behind a double slash', request('//evil/v2/app/blobs/x'), /given 0/],
  ['a path that cannot be decoded', request('/%', { authorization: signedBy(KEY) }), /internal/],
  [
    'an absolute address',
    request(`http://127.0.0.1:${PORT}/v2/`, { authorization: signedBy(KEY) }),
    /internal/,
  ],
])('refuses %s', (_, given, reason) => {
  expect(refusal(given, PORT)).toMatch(reason);
});

test('hides a login from MiniStack where nothing is decided by it', () => {
  const given = request('/v2/team/app/referrers/x', { authorization: signedBy('test') });

  expect(refusal(given, PORT)).toBeUndefined();
  expect(given.headers.authorization).toBeUndefined();
});

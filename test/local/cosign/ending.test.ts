import { readEnding } from '../../../local/cosign/ending';

const WARNING =
  'WARNING: Skipping tlog verification is an insecure practice that lacks transparency and auditability verification for the signature.\n';

/** As cosign 3.1.3 and 2.5.0 end. */
function ended(code: number, error: string) {
  return readEnding({
    code,
    stdout: '',
    stderr: `${WARNING}Error: ${error}\nmain.go:69: error during command execution: ${error}\n`,
  });
}

test('what was accepted is told by its claims', () => {
  expect(readEnding({ code: 0, stdout: '\n[{"optional":{"verdict":"PASS"}}]\n', stderr: WARNING })).toEqual({
    kind: 'ACCEPTED',
    claims: '[{"optional":{"verdict":"PASS"}}]',
  });
});

test.each([
  [10, 'no signatures found'],
  [12, 'no matching signatures: invalid signature when validating ASN.1 encoded signature'],
  [12, 'no matching signatures: missing or incorrect annotation'],
  [
    12,
    'no matching signatures: GET http://127.0.0.1:1/v2/team/app/blobs/sha256:0: BLOB_UNKNOWN: blob unknown to registry',
  ],
  [
    1,
    'no matching attestations: failed to verify signature: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1',
  ],
  [1, 'no matching attestations: missing or incorrect annotation'],
])('refuses with %d, %s', (code, error) => {
  expect(ended(code, error)).toEqual({ kind: 'REFUSED', reason: error });
});

test.each([
  [1, 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused'],
  [1, 'loading public key: open cosign.pub: no such file or directory'],
  [1, 'unable to parse annotation: verdict'],
  [
    11,
    'image tag not found: GET http://127.0.0.1:1/v2/team/app/manifests/v1: MANIFEST_UNKNOWN: manifest unknown',
  ],
  [
    12,
    'no matching signatures: getting public key: operation error KMS: GetPublicKey, api error AccessDenied: denied',
  ],
  [
    12,
    'no matching signatures: GET http://127.0.0.1:1/v2/team/app/blobs/sha256:0: unexpected status code 503 Service Unavailable',
  ],
  [12, 'no matching signatures: GET http://127.0.0.1:1/v2/team/app/blobs/sha256:0: DENIED: denied'],
  [12, 'no matching signatures: read tcp 127.0.0.1:2->127.0.0.1:1: read: connection reset by peer'],
  [
    1,
    'no matching attestations: failed to verify signature: could not fetch verifier public key: getting public key: operation error KMS: GetPublicKey, NotFoundException',
  ],
])('was indeterminate with %d, %s', (code, error) => {
  expect(ended(code, error)).toEqual({ kind: 'UNDECIDED', reason: error });
});

test('every signature has its say, in one line', () => {
  expect(ended(12, 'no matching signatures: invalid signature\n missing or incorrect annotation')).toEqual({
    kind: 'REFUSED',
    reason: 'no matching signatures: invalid signature  missing or incorrect annotation',
  });
});

test('was indeterminate when one of many signatures could not be fetched', () => {
  const many = 'invalid signature\n '.repeat(100);

  expect(ended(12, `no matching signatures: ${many}unexpected EOF`).kind).toBe('UNDECIDED');
});

test("a stranger's text shows no more than it says", () => {
  expect(ended(12, 'no matching signatures: \u001b[31mred\u202e')).toMatchObject({
    reason: 'no matching signatures: red',
  });
});

test.each([
  ['a crash', 'panic: runtime error\n', 'panic: runtime error'],
  ['a signal', '', 'it said nothing'],
])('was indeterminate after %s', (_, stderr, reason) => {
  expect(readEnding({ code: 1, stdout: '', stderr })).toEqual({ kind: 'UNDECIDED', reason });
});

import { ECRServiceException, type ECRClient } from '@aws-sdk/client-ecr';
import { couldNotAsk } from '../../../adapters/aws/aws-error';
import { readEcrManifest } from '../../../adapters/aws/ecr-manifests';
import { digestOf } from '../../../src/core/text/sha256';

const WHERE = { account: '000000000000', repository: 'team/app' };
const TEXT = '{"é":1}';
const DIGEST = digestOf(TEXT);
const MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const FOUND = { images: [{ imageManifest: TEXT, imageManifestMediaType: MEDIA_TYPE }] };

function read(answer: object | Error, id: { imageDigest: string } | { imageTag: string }, maxBytes = 100) {
  const send = async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return readEcrManifest(WHERE, id, maxBytes, { send } as unknown as ECRClient);
}

function thrown(name: string, httpStatusCode = 400): ECRServiceException {
  return new ECRServiceException({ name, message: 'no', $fault: 'client', $metadata: { httpStatusCode } });
}

const withheld = (failureCode: string) => ({ images: [], failures: [{ failureCode }] });

test.each([{ imageDigest: DIGEST }, { imageTag: 'v1' }])('%j is found, with its own digest', async id => {
  expect(await read(FOUND, id)).toEqual({
    ok: true,
    value: { text: TEXT, mediaType: MEDIA_TYPE, digest: DIGEST },
  });
});

test.each([
  ['not-found', withheld('ImageNotFound')],
  ['not-found', {}],
  ['not-found', thrown('ImageNotFoundException')],
  ['not-found', thrown('RepositoryNotFoundException')],
  ['denied', withheld('KmsError')],
  ['denied', withheld('UpstreamAccessDenied')],
  ['denied', thrown('AccessDeniedException')],
  ['busy', withheld('UpstreamTooManyRequests')],
  ['busy', withheld('UpstreamUnavailable')],
  ['busy', thrown('ThrottlingException')],
  ['busy', thrown('LimitExceededException')],
  ['busy', thrown('Unknown', 429)],
  ['busy', thrown('ServerException', 500)],
  ['withheld', withheld('ImageInaccessible')],
  ['withheld', withheld('ACodeOfTomorrow')],
  ['other-digest', { images: [{ imageManifest: '{}' }] }],
])('%s: %j', async (problem, answer) => {
  expect(await read(answer, { imageDigest: DIGEST })).toMatchObject({ ok: false, error: { problem } });
});

test('rule 4.7, backpressure and dead letters: queues know that a busy registry is not the fault of the message', async () => {
  for (const answer of [withheld('UpstreamUnavailable'), thrown('ThrottlingException')]) {
    expect(await read(answer, { imageTag: 'v1' })).toMatchObject({
      error: { $retryable: { throttling: true } },
    });
  }
});

test('more bytes than allowed: bytes are counted, not characters', async () => {
  const bytes = Buffer.byteLength(TEXT);
  expect(await read(FOUND, { imageDigest: DIGEST }, bytes)).toMatchObject({ ok: true });
  expect(await read(FOUND, { imageDigest: DIGEST }, bytes - 1)).toMatchObject({
    error: { problem: 'too-large', message: `the manifest of ${DIGEST} has more than ${bytes - 1} bytes` },
  });
});

test.each([new Error('getaddrinfo'), thrown('InvalidParameterException'), thrown('ExpiredTokenException')])(
  '%s is no answer about the image, so it is thrown',
  async error => {
    await expect(read(error, { imageTag: 'v1' })).rejects.toBe(error);
  },
);

test('a person at a terminal is told what to do', async () => {
  const denied = await read(thrown('AccessDeniedException'), { imageTag: 'v1' });
  expect(couldNotAsk((denied as { error: Error }).error).message).toMatch(
    /^these credentials may not .*\(AccessDeniedException: no\)$/,
  );
});

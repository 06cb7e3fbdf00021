import { ECRServiceException, type ECRClient } from '@aws-sdk/client-ecr';
import { EcrImages } from '../../../adapters/aws/ecr-images';
import { imageOf } from '../../../src/core/image/image';
import { IMAGE } from '../../core/support/made';

const ANY_SIZE = 1_000_000;

function answering(answer: () => unknown): EcrImages {
  return new EcrImages({ send: async () => answer() } as unknown as ECRClient);
}

test.each([
  ['ImageNotFound', { failure: { cause: 'IMAGE_GONE' } }],
  ['KmsError', { failure: { cause: 'REGISTRY_DENIED', detail: 'the registry answered KmsError' } }],
  ['UpstreamAccessDenied', { failure: { cause: 'REGISTRY_DENIED' } }],
  [
    'ImageInaccessible',
    { failure: { cause: 'UNSCANNABLE', detail: 'the registry answered ImageInaccessible' } },
  ],
])(
  'rule 4.4, failed scans keep the verdict: an image that ECR keeps back (%s) is not taken for one that is gone, of which nobody is told',
  async (failureCode, expected) => {
    expect(
      await answering(() => ({ failures: [{ failureCode }] })).manifest(imageOf(IMAGE), ANY_SIZE),
    ).toMatchObject(expected);
  },
);

test.each(['UpstreamTooManyRequests', 'UpstreamUnavailable'])(
  'rule 4.7, backpressure and dead letters: %s is asked again later',
  async failureCode => {
    expect(await answering(() => ({ failures: [{ failureCode }] })).manifest(imageOf(IMAGE), ANY_SIZE)).toBe(
      'throttled',
    );
  },
);

test('a repository that was deleted meanwhile has no tags', async () => {
  const gone = answering(() => {
    throw new ECRServiceException({ name: 'RepositoryNotFoundException', $fault: 'client', $metadata: {} });
  });
  expect(await gone.tags('arn:aws:ecr:us-east-1:000000000000:repository/team/app')).toEqual({});
});

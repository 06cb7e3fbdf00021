import { LambdaClient } from '@aws-sdk/client-lambda';
import { ImageFunctions } from '../../../adapters/aws/image-functions';
import { AwsFault, AwsServices } from '../../support/aws-services';

const GET = 'GET /2015-03-31/functions/resize';
const DIGEST = `sha256:${'a'.repeat(64)}`;

let aws: AwsServices;
beforeEach(async () => {
  aws = await AwsServices.start();
});
afterEach(() => aws.stop());

const images = () =>
  new ImageFunctions(new LambdaClient({ ...aws.options, maxAttempts: 1 })).images('resize');

test.each<[string, object, unknown]>([
  [
    'an image has the digest to which AWS Lambda resolved its tag',
    {
      Configuration: { PackageType: 'Image' },
      Code: { ImageUri: 'host/r:v1', ResolvedImageUri: `host/r@${DIGEST}` },
    },
    [{ reference: 'host/r:v1', digest: DIGEST }],
  ],
  [
    'an image by its tag has none, where AWS Lambda does not say it',
    { Configuration: { PackageType: 'Image' }, Code: { ImageUri: 'host/r:v1' } },
    [{ reference: 'host/r:v1' }],
  ],
  ['a zip has none', { Configuration: { PackageType: 'Zip' }, Code: { Location: 'https://s3' } }, []],
])('%s', async (_, answer, expected) => {
  aws.answers = { [GET]: () => answer };
  expect(await images()).toEqual(expected);
});

test('a function that was deleted is none', async () => {
  aws.answers = { [GET]: () => new AwsFault('ResourceNotFoundException', 'gone', 404) };
  expect(await images()).toBeUndefined();
});

describe('rule 5.12, watchers: what AWS Lambda does not say is an error', () => {
  test.each<[string, object]>([
    ['a right is missing', new AwsFault('AccessDeniedException', 'no right', 403)],
    ['an image has no name', { Configuration: { PackageType: 'Image' }, Code: {} }],
    ['nothing of use', {}],
  ])('%s', async (_, answer) => {
    aws.answers = { [GET]: () => answer };
    await expect(images()).rejects.toThrow(/no right|does not say which image the function resize runs/);
  });
});

import { cloud } from './cloud';
import { deploy, makeQueue, makeRule } from './cloud-fixtures';
import { uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';

onlyEmulated('it holds the gateway itself against what AWS documents');

/**
 * MiniStack sends these by itself, past the gateway. Here stands what the library counts on, and what is not
 * as on AWS.
 */
describe('a bucket whose template wants EventBridge', () => {
  const Bucket = uniqueName('bucket');
  let receive: () => Promise<string>;

  beforeAll(async () => {
    const NotificationConfiguration = { EventBridgeConfiguration: { EventBridgeEnabled: true } };
    const VersioningConfiguration = { Status: 'Enabled' };
    await deploy({
      Resources: {
        Bucket: {
          Type: 'AWS::S3::Bucket',
          Properties: { BucketName: Bucket, NotificationConfiguration, VersioningConfiguration },
        },
      },
    });
    const queue = await makeQueue();
    const { account, region } = cloud();
    await makeRule(
      {
        source: ['aws.s3'],
        account: [account],
        region: [region],
        detail: { bucket: { name: [Bucket] }, object: { key: ['waivers.yaml'] } },
      },
      { Arn: queue.arn },
    );
    ({ receive } = queue);
  });

  test('says that an object was written, and which version is the newest', async () => {
    const { s3 } = cloud();
    await s3.putObject({ Bucket, Key: 'other.yaml', Body: 'x' });
    const { ETag, VersionId } = await s3.putObject({ Bucket, Key: 'waivers.yaml', Body: 'version: 1' });

    const event = JSON.parse(await receive()) as { detail: { object: object } };
    expect(event).toMatchObject({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        bucket: { name: Bucket },
        object: { key: 'waivers.yaml', size: 10, etag: JSON.parse(ETag!) as string },
        reason: 'PutObject',
      },
    });
    expect(VersionId).toEqual(expect.any(String));
    // the gap: on AWS it is there. Nobody here reads it: an event says no more than "look"
    expect(event.detail.object).not.toHaveProperty('version-id');
  });

  test('says that it was deleted', async () => {
    const { s3 } = cloud();
    await s3.deleteObject({ Bucket, Key: 'waivers.yaml' });

    expect(JSON.parse(await receive())).toMatchObject({
      'detail-type': 'Object Deleted',
      detail: {
        object: { key: 'waivers.yaml' },
        reason: 'DeleteObject',
        'deletion-type': 'Delete Marker Created',
      },
    });
    await expect(s3.getObject({ Bucket, Key: 'waivers.yaml' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

test('a bucket whose template does not want it says nothing', async () => {
  const { s3 } = cloud();
  const [silent, marker] = [uniqueName('silent'), uniqueName('marker')] as const;
  const NotificationConfiguration = { EventBridgeConfiguration: { EventBridgeEnabled: true } };
  await deploy({
    Resources: {
      Silent: { Type: 'AWS::S3::Bucket', Properties: { BucketName: silent } },
      Marker: { Type: 'AWS::S3::Bucket', Properties: { BucketName: marker, NotificationConfiguration } },
    },
  });
  const queue = await makeQueue();
  await makeRule({ source: ['aws.s3'], detail: { bucket: { name: [silent, marker] } } }, { Arn: queue.arn });

  for (const Bucket of [silent, marker]) await s3.putObject({ Bucket, Key: 'waivers.yaml', Body: 'x' });
  const heard = JSON.parse(await queue.receive()) as { detail: { bucket: object } };
  expect(heard.detail.bucket).toMatchObject({ name: marker });
  expect(await queue.isEmpty()).toBe(true);
});

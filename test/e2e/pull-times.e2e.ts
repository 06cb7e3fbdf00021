import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { makeRepository, push, quickstart, verdictOf } from './quickstart';
import { followTrust } from '../../local/demo/follow';

onlyEmulated('it pulls without a login, which only the emulated registry allows');

beforeAll(quickstart);

async function lastPull(repositoryName: string, imageDigest: string): Promise<Date | undefined> {
  const { imageDetails } = await cloud().ecr.describeImages({ repositoryName, imageIds: [{ imageDigest }] });
  return imageDetails![0]!.lastRecordedPullTime;
}

test('an image that was scanned and signed was never pulled, until somebody else pulls it', async () => {
  const { ecr, endpoint } = cloud();
  const repositoryName = await makeRepository();
  const imageDigest = await push(repositoryName, 'clean', 'v1');
  expect(await verdictOf(repositoryName, imageDigest)).toMatchObject({ outcome: 'PASS' });
  await followTrust(cloud(), (await quickstart()).RegisterTableName, repositoryName, imageDigest);
  expect(await lastPull(repositoryName, imageDigest)).toBeUndefined();

  await ecr.batchGetImage({ repositoryName, imageIds: [{ imageTag: 'v1' }] });
  expect(await lastPull(repositoryName, imageDigest)).toBeInstanceOf(Date);
  const other = await push(repositoryName, 'root');
  await fetch(`${endpoint}/v2/${repositoryName}/manifests/${other}`);
  expect(await lastPull(repositoryName, other)).toBeInstanceOf(Date);
});

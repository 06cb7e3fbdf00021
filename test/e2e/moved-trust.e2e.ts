import { join } from 'node:path';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';

onlyEmulated('two deployments of one more trust tell nothing of AWS that the other suites do not');

const STACK = 'MovedTrust';
const cwd = join(__dirname, 'apps', 'moved-trust');
const deploy = (trust: string) =>
  cdk(cloud(), ['deploy', '--require-approval=never'], { cwd, environment: { TRUST: trust } });

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('a trust that gets another name: its gate stays the same function, and the image is asked for anew by the same resource', async () => {
  await cloud().ecr.createRepository({ repositoryName: 'moved/app' });
  const digest = await push('moved/app', 'clean', 'v1');
  await deploy('Trust');
  const before = await gates();
  expect(before).toEqual([expect.objectContaining({ image: expect.stringMatching(digest) as string })]);

  await deploy('ImageTrust');
  const after = await gates();
  expect(after).toEqual([expect.objectContaining({ image: expect.stringMatching(digest) as string })]);
  expect(after[0]!.id).toBe(before[0]!.id);
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: STACK });
  expect(Stacks![0]).toMatchObject({
    StackStatus: 'UPDATE_COMPLETE',
    Outputs: expect.arrayContaining([
      expect.objectContaining({
        OutputKey: 'ImageUri',
        OutputValue: expect.stringMatching(digest) as string,
      }),
    ]) as unknown[],
  });
  const { StackEvents = [] } = await cloud().cloudformation.describeStackEvents({ StackName: STACK });
  expect(StackEvents.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_FAILED')).toEqual([]);

  await destroy(STACK);
});

/** Which resources ask, and which image each of them admitted. */
async function gates(): Promise<{ id: string; image: string }[]> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({ StackName: STACK });
  const gate = StackResources.filter(({ ResourceType }) => ResourceType === 'Custom::TrustedImage');
  return gate.map(({ LogicalResourceId, PhysicalResourceId }) => ({
    id: LogicalResourceId!,
    image: PhysicalResourceId!,
  }));
}

import { join } from 'node:path';
import { cloud } from './cloud';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { follow } from '../../local/demo/follow';

onlyEmulated('it leaves tables that are protected from deletion, and counts them as MiniStack makes them');

const STACK = 'FirstDeployment';
const TAKEN = 'first-last';
const cwd = join(__dirname, 'apps', 'first-deployment');
const deploy = () => cdk(cloud(), ['deploy', '--require-approval=never'], { cwd });

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('a first deployment that failed can be run again: what it made is gone, but for tables with deletion protection', async () => {
  const { events, kms } = cloud();
  await events.createEventBus({ Name: TAKEN });
  await expect(deploy()).rejects.toThrow(`EventBus already exists: ${TAKEN}`);

  expect(await left()).toEqual({ repositories: [], buckets: [], tables: 2 });
  const { Aliases = [] } = await kms.listAliases({});
  expect(Aliases.filter(({ AliasName }) => AliasName!.includes(STACK))).toEqual([]);

  await events.deleteEventBus({ Name: TAKEN });
  await deploy();
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: STACK });
  const register = Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'Register')!.OutputValue!;
  const digest = await push('first/app', 'clean', 'v1');
  expect(await follow(cloud(), register, 'first/app', digest)).toMatchObject({ outcome: 'PASS' });

  await cdk(cloud(), ['destroy', '--force'], { cwd });
  expect(await left()).toEqual({
    repositories: ['first/app'],
    buckets: ['evidence', 'evidenceuploads', 'waivers'].map(each => expect.stringContaining(each) as string),
    tables: 3, // MiniStack gave the two that stayed their names once more; AWS would choose other names
  });
});

/** What stays without the stack. */
async function left() {
  const { ecr, s3, dynamodb } = cloud();
  const [{ repositories = [] }, { Buckets = [] }, { TableNames = [] }] = await Promise.all([
    ecr.describeRepositories({}),
    s3.listBuckets({}),
    dynamodb.listTables({}),
  ]);
  return {
    repositories: repositories
      .map(({ repositoryName }) => repositoryName!)
      .filter(name => name.startsWith('first/'))
      .sort(),
    buckets: Buckets.map(({ Name }) => Name!)
      .filter(name => name.startsWith(STACK.toLowerCase()))
      .sort(),
    tables: TableNames.filter(name => name.startsWith(`${STACK}-`)).length,
  };
}

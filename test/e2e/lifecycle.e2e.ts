import { join } from 'node:path';
import { cloud } from './cloud';
import { eventually } from './eventually';
import { buildsOf, documents, makeRepository, nameOf, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { follow } from '../../local/demo/follow';
import { RegisterRow } from '../../src/core/register/row';

const cwd = join(__dirname, 'apps', 'lifecycle');

async function deploy(lenient: boolean): Promise<string> {
  process.env.LENIENT = lenient ? '1' : '0';
  await cdk(cloud(), ['deploy', '--require-approval=never'], { cwd });
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Lifecycle' });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'Register')!.OutputValue!;
}

beforeAll(quickstart);

test('rule 4.9, re-evaluation: another policy judges every image again from its stored report, without a scan; destroy leaves nothing', async () => {
  const register = await deploy(false);
  const repository = await makeRepository('lifecycle');
  const digest = await push(repository, 'root');
  const first = await follow(cloud(), register, repository, digest);
  expect(first.outcome).toBe('FAIL');

  const row = async (condition: (row: RegisterRow) => boolean) =>
    eventually('the next verdict', async () => {
      const { Item } = await documents().get({
        TableName: register,
        Key: { pk: nameOf(repository, digest) },
        ConsistentRead: true,
      });
      const current = RegisterRow.parse(Item);
      return condition(current) ? current : undefined;
    });
  expect(await deploy(true)).toBe(register);
  const second = await row(({ verdict }) => verdict?.outcome === 'PASS');
  expect(second.policyRevision).toBe(first.row!.policyRevision + 1);
  expect(second.verdict).toMatchObject({
    scanId: first.row!.verdict!.scanId,
    validUntil: first.row!.verdict!.validUntil,
  });

  await deploy(false);
  const third = await row(({ verdict }) => verdict?.outcome === 'FAIL');
  // the old document again, but no revision is ever used twice
  expect(third.policyRevision).toBe(second.policyRevision + 1);
  expect(await buildsOf(repository, digest)).toBe(1);

  await cdk(cloud(), ['destroy', '--force'], { cwd });
  const { TableNames } = await cloud().dynamodb.listTables({});
  expect(TableNames!.filter(name => name.startsWith('Lifecycle-'))).toEqual([]);
  const { Buckets } = await cloud().s3.listBuckets({});
  expect(Buckets!.filter(({ Name }) => Name!.startsWith('lifecycle-'))).toEqual([]);
});

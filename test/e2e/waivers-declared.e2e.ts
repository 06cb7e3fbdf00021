import { join } from 'node:path';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
import { eventually } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents, listen, nameOf, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { follow } from '../../local/demo/follow';
import { RegisterRow } from '../../src/core/register/row';

onlyEmulated('repositories of fixed names stay until the cloud ends');

const cwd = join(__dirname, 'apps', 'declared-waivers');

async function deploy(isStrict: boolean): Promise<{ Register: string; Waivers: string; bus: string }> {
  process.env.STRICT = isStrict ? '1' : '0';
  await cdk(cloud(), ['deploy', '--require-approval=never'], { cwd });
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'DeclaredWaivers' });
  const { StackResources } = await cloud().cloudformation.describeStackResources({
    StackName: 'DeclaredWaivers',
  });
  const output = (key: string) =>
    Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === key)!.OutputValue!;
  const bus = StackResources!.find(
    ({ ResourceType }) => ResourceType === 'AWS::Events::EventBus',
  )!.PhysicalResourceId!;
  return { Register: output('Register'), Waivers: output('Waivers'), bus };
}

beforeAll(quickstart); // for Trivy's databases, and the CDK's own stack

test('rule 4.9, re-evaluation: a deployment that refuses something and accepts it in one place refuses it elsewhere, and there not for a moment; people may edit what it wrote', async () => {
  const { Register, Waivers, bus } = await deploy(false);
  const digests: Record<string, string> = {};
  for (const name of ['backup', 'app']) {
    const repository = `declared/${name}`;
    await cloud().ecr.createRepository({ repositoryName: repository });
    digests[name] = await push(repository, 'root');
    expect((await follow(cloud(), Register, repository, digests[name])).outcome).toBe('PASS');
  }
  const rowOnce = (name: string, condition: (row: RegisterRow) => boolean) =>
    eventually(`a row of ${name}`, async () => {
      const { Item } = await documents().get({
        TableName: Register,
        Key: { pk: nameOf(`declared/${name}`, digests[name]!) },
        ConsistentRead: true,
      });
      return condition(RegisterRow.parse(Item)) ? RegisterRow.parse(Item) : undefined;
    });
  const events = await listen({ eventBusName: bus });

  await deploy(true);
  expect((await rowOnce('app', ({ verdict }) => verdict?.outcome === 'FAIL')).verdict!.worst).toEqual([
    expect.stringMatching(/^runs-as-root: /),
  ]);
  const { verdict } = await rowOnce('backup', row => row.policyRevision === 2 && row.waiverRevision === 2);
  expect(verdict).toMatchObject({ outcome: 'PASS', waiverKeys: [expect.any(String)] });
  await events.until(body => body.includes(digests.app!) && body.includes('"Image Revoked"'));
  expect(
    events
      .all()
      .filter(body => body.includes('declared/backup') && /"Image Revoked"|"outcome":"FAIL"/.test(body)),
  ).toEqual([]);

  const { Body } = await cloud().s3.getObject({ Bucket: Waivers, Key: 'waivers.yaml' });
  const text = await Body!.transformToString();
  await cloud().s3.putObject({
    Bucket: Waivers,
    Key: 'waivers.yaml',
    Body: text.replace('declared/backup', 'declared/*'),
  });
  await rowOnce('app', row => row.verdict?.outcome === 'PASS' && row.waiverRevision === 3);

  await destroy('DeclaredWaivers');
});

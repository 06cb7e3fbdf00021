import { Batch } from '@aws-sdk/client-batch';
import { emulator } from './cloud';
import { sessionWith } from './command-line';
import { uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { NewestDefinitions } from '../../adapters/aws/newest-definitions';
import { awsClients } from '../../local/cloud/aws-clients';

onlyEmulated('task and job definitions of the test stay until the cloud ends');

const RIGHTS = ['batch:DescribeJobDefinitions', 'ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions'];

async function listWith(Action: string[]) {
  const credentials = await sessionWith([{ Effect: 'Allow', Action, Resource: '*' }]);
  const { ecs } = awsClients({ ...emulator(), credentials });
  const batch = new Batch({ ...emulator(), credentials });
  return new NewestDefinitions(ecs, batch).list(new AbortController().signal);
}

test('what schedules, rollbacks and people can start is listed with three rights, and without deregistered revisions', async () => {
  const { ecs } = emulator();
  const [family, jobDefinitionName] = [uniqueName('family'), uniqueName('job')];
  const register = async (image: string) => {
    const containerDefinitions = [{ name: 'app', image, memory: 64 }];
    return (await ecs.registerTaskDefinition({ family, containerDefinitions })).taskDefinition!
      .taskDefinitionArn!;
  };
  const arns = [await register('app:1'), await register('app:2'), await register('app:3')];
  await ecs.deregisterTaskDefinition({ taskDefinition: arns[1] });
  const { jobDefinitionArn } = await new Batch(emulator()).registerJobDefinition({
    jobDefinitionName,
    type: 'container',
    containerProperties: { image: 'report:1', resourceRequirements: [] },
  });

  const { definitions, unknown } = await listWith(RIGHTS);
  expect(unknown).toEqual([]);
  expect(definitions.filter(({ arn }) => arn.includes(family) || arn === jobDefinitionArn)).toEqual(
    expect.arrayContaining([
      { arn: arns[2], images: [{ reference: 'app:3' }] },
      { arn: arns[0], images: [{ reference: 'app:1' }] },
      { arn: jobDefinitionArn, images: [{ reference: 'report:1' }] },
    ]),
  );
  expect(definitions.map(({ arn }) => arn)).not.toContain(arns[1]);
  for (const missing of RIGHTS) {
    const less = await listWith(RIGHTS.filter(right => right !== missing));
    expect(less.unknown).toEqual([expect.stringContaining(missing)]);
  }
});

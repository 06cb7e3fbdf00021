import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceDeploymentBrief } from '@aws-sdk/client-ecs';
import { didNotHold, held, type Answer } from './numbered';
import { secondReference } from './second-images';
import { MARK_TAG } from '../../local/cloud/description';
import { patienceWith } from '../../local/cloud/patience';
import { messageOf, type Check } from '../check';
import { deploySecondApp, type SecondTag } from '../second-app/deploy';
import { secondNames } from '../second-app/names';
import { resourceOf, stackNamed } from '../stacks';

/** CloudFormation deploys the image that is trusted, refuses the other one, and goes back to the first. */
export async function cloudFormationAsks(check: Check): Promise<Answer> {
  const { hooked } = secondNames(check.cloud.mark.id);
  await deploySecondApp(check, hooked, { image: secondReference(check, 'good') });
  const said = await deploySecondApp(check, hooked, { image: secondReference(check, 'bad') }).then(
    () => undefined,
    messageOf,
  );
  const status = (await stackNamed(check.aws, hooked))?.StackStatus;
  const raw = { status, reasons: await reasonsOf(check, hooked) };
  return said !== undefined && raw.reasons.some(each => each.includes('does not pass policy'))
    ? held('a trusted image was deployed, the other one was refused with its reason, and rolled back', raw)
    : didNotHold(`after an image that is not trusted the stack is ${status}`, raw);
}

async function reasonsOf({ aws }: Check, StackName: string): Promise<string[]> {
  const { StackEvents = [] } = await aws.cloudformation.describeStackEvents({ StackName });
  return StackEvents.flatMap(({ HookStatusReason, ResourceStatusReason }) =>
    [HookStatusReason, ResourceStatusReason].filter(each => each !== undefined && each !== ''),
  ) as string[];
}

/** Amazon ECS deploys the trusted image to the service without tasks, and rolls the other one back. */
export async function ecsAsks(check: Check): Promise<Answer> {
  await hookOfStack(check);
  const refused = await deployed(check, 'bad');
  const admitted = await deployed(check, 'good');
  const raw = { refused, admitted };
  return refused.status === 'ROLLBACK_SUCCESSFUL' && admitted.status === 'SUCCESSFUL'
    ? held('a trusted image was deployed, and the other one was rolled back', raw)
    : didNotHold(
        `the deployment of a trusted image is ${admitted.status}, and of the other one ${refused.status}`,
        raw,
      );
}

async function deployed(check: Check, tag: SecondTag) {
  const { ecs: client } = check.aws;
  const { ecs: name } = secondNames(check.cloud.mark.id);
  const definition = await client.registerTaskDefinition({
    family: name,
    containerDefinitions: [{ name: 'App', image: secondReference(check, tag), memory: 64 }],
    tags: [{ key: MARK_TAG, value: check.cloud.mark.id }],
  });
  const former = await latestDeployment(check);
  const { taskDefinitionArn } = definition.taskDefinition!;
  await client.updateService({ cluster: name, service: name, taskDefinition: taskDefinitionArn });
  const { anything, lookEvery } = patienceWith(check.cloud);
  for (const end = Date.now() + anything; ; await sleep(Math.max(lookEvery, 200))) {
    const { serviceDeploymentArn, status, statusReason } = (await latestDeployment(check)) ?? {};
    const isNew = serviceDeploymentArn !== former?.serviceDeploymentArn;
    if (isNew && !/PENDING|IN_PROGRESS|REQUESTED/.test(status ?? '')) return { status, statusReason };
    if (Date.now() > end) return { status, statusReason: `it is so for ${anything / 60_000} minutes` };
  }
}

async function latestDeployment({ aws, cloud }: Check): Promise<ServiceDeploymentBrief | undefined> {
  const { ecs: name } = secondNames(cloud.mark.id);
  const { serviceDeployments = [] } = await aws.ecs.listServiceDeployments({ cluster: name, service: name });
  return serviceDeployments.sort((a, b) => Number(b.createdAt) - Number(a.createdAt))[0];
}

/** The embedded cloud keeps hooks of services that a call gave them. */
async function hookOfStack(check: Check): Promise<void> {
  const { aws, cloud, say } = check;
  if (cloud.endpoint === undefined) return;
  say(
    'left out on the embedded cloud: the hook that the stack of the service has; a call gives it the same one',
  );
  const { ecs: name, team } = secondNames(cloud.mark.id);
  const gate = await resourceOf(check, 'AWS::Lambda::Function', 'Ecs', team);
  const role = await resourceOf(check, 'AWS::IAM::Role', 'EcsInvoke', team);
  await aws.ecs.updateService({
    cluster: name,
    service: name,
    deploymentConfiguration: {
      strategy: 'BLUE_GREEN',
      lifecycleHooks: [
        {
          hookTargetArn: `arn:aws:lambda:${cloud.region}:${cloud.account}:function:${gate}`,
          roleArn: `arn:aws:iam::${cloud.account}:role/${role}`,
          lifecycleStages: ['PRE_SCALE_UP'],
        },
      ],
    },
  });
}

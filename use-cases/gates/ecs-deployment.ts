import { decideForService, type ServiceGateContext } from './decide-for-service';
import { ecsAnswer, type EcsAnswer } from '../../src/core/gates/ecs-answer';
import {
  imagesOfRevision,
  readEcsHook,
  readRevision,
  type EcsDeployment,
} from '../../src/core/gates/ecs-deployment';
import type { ImageToRun } from '../../src/core/gates/image-to-run';
import { isRollingBack } from '../../src/core/gates/rollback';
import { failed, type Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';
import { Tries } from '../../src/core/times';

/** What the gate asks Amazon ECS. The answers are not trusted. */
export interface EcsPort {
  describeRevision(revisionArn: string): Promise<unknown>;
  describeTaskDefinition(taskDefinition: string): Promise<unknown>;
  /** Undefined for a service that no stack made. */
  stackOf(serviceArn: string): Promise<string | undefined>;
}

export interface EcsContext extends ServiceGateContext {
  readonly ecs: EcsPort;
  /** Undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

/** Decides on the new revision of a service before its first task starts. */
export async function decideEcsDeployment(event: unknown, context: EcsContext): Promise<EcsAnswer> {
  const hook = readEcsHook(event);
  const looks = hook.ok ? hook.value.looks : 0;
  const decision = await decideForService(
    {
      subject: hook.ok ? `the service ${plainText(nameOf(hook.value), 150)}` : 'a service',
      scope: hook.ok ? hook.value.serviceArn : '',
      images: async () => (hook.ok ? imagesOf(hook.value, context.ecs) : failed(hook.error)),
      isLastLook: looks + 1 >= Tries.gateLooks,
      showsReason: false,
      ...(hook.ok && { isRollback: async () => isOfRollback(hook.value, context) }),
    },
    context,
  );
  return ecsAnswer(decision, looks);
}

/**
 * A stack that rolls back sets the former task definition. To Amazon ECS that is a new deployment, for which
 * it asks.
 */
async function isOfRollback(
  { serviceArn }: EcsDeployment,
  { ecs, stackStatus }: EcsContext,
): Promise<boolean | undefined> {
  const stack = await ecs.stackOf(serviceArn);
  return stack === undefined ? false : isRollingBack(await stackStatus(stack));
}

async function imagesOf(
  { revisionArn }: EcsDeployment,
  ecs: EcsPort,
): Promise<Result<readonly ImageToRun[], string>> {
  const revision = readRevision(await ecs.describeRevision(revisionArn), revisionArn);
  if (!revision.ok) return revision;
  return imagesOfRevision(revision.value, await ecs.describeTaskDefinition(revision.value.taskDefinition));
}

function nameOf({ serviceArn }: EcsDeployment): string {
  return serviceArn.slice(serviceArn.indexOf('service/') + 'service/'.length);
}

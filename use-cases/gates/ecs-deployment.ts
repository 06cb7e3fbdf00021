import { decideImages, type GateContext } from './decide-images';
import { ecsAnswer, type EcsAnswer } from '../../src/core/gates/ecs-answer';
import {
  imagesOfRevision,
  readEcsHook,
  readRevision,
  type EcsDeployment,
} from '../../src/core/gates/ecs-deployment';
import type { NamedImage } from '../../src/core/gates/named-image';
import { failed, type Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';
import { Tries } from '../../src/core/times';

/** What the gate asks Amazon ECS. The answers are not trusted. */
export interface EcsPort {
  describeRevision(revisionArn: string): Promise<unknown>;
  describeTaskDefinition(taskDefinition: string): Promise<unknown>;
}

/** Decides on the new revision of a service before its first task starts. */
export async function decideEcsDeployment(
  event: unknown,
  context: GateContext & { readonly ecs: EcsPort },
): Promise<EcsAnswer> {
  const hook = readEcsHook(event);
  const looks = hook.ok ? hook.value.looks : 0;
  const decision = await decideImages(
    {
      subject: hook.ok ? `the service ${plainText(nameOf(hook.value), 150)}` : 'a service',
      scope: hook.ok ? hook.value.serviceArn : '',
      images: async () => (hook.ok ? imagesOf(hook.value, context.ecs) : failed(hook.error)),
      isLastLook: looks + 1 >= Tries.gateLooks,
      showsReason: false,
    },
    context,
  );
  return ecsAnswer(decision, looks);
}

async function imagesOf(
  { revisionArn }: EcsDeployment,
  ecs: EcsPort,
): Promise<Result<readonly NamedImage[], string>> {
  const revision = readRevision(await ecs.describeRevision(revisionArn), revisionArn);
  if (!revision.ok) return revision;
  return imagesOfRevision(revision.value, await ecs.describeTaskDefinition(revision.value.taskDefinition));
}

function nameOf({ serviceArn }: EcsDeployment): string {
  return serviceArn.slice(serviceArn.indexOf('service/') + 'service/'.length);
}

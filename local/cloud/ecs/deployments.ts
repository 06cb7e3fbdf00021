import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentLifecycleHook, Service } from '@aws-sdk/client-ecs';
import * as z from 'zod';
import { namedImages, resolvedImages, type ContainerImage } from './resolved-images';
import { Place, Places } from '../accounts/places';
import { invokeAs } from '../invoke-as';
import { messageOf, Say } from '../say';

const STAGE = 'PRE_SCALE_UP';
const LOOKS_AGAIN = 30;

export interface Revision {
  readonly serviceRevisionArn: string;
  readonly serviceArn: string;
  readonly clusterArn: string;
  readonly taskDefinition: string;
  containerImages: readonly ContainerImage[];
  readonly createdAt: number;
}

/** A deployment, as `ListServiceDeployments` shows it. */
export interface Deployment {
  readonly serviceDeploymentArn: string;
  readonly serviceArn: string;
  readonly clusterArn: string;
  readonly targetServiceRevisionArn: string;
  readonly createdAt: number;
  status: 'IN_PROGRESS' | 'SUCCESSFUL' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED';
  statusReason?: string;
}

const HookAnswer = z.object({
  hookStatus: z.enum(['SUCCEEDED', 'FAILED', 'IN_PROGRESS']),
  callBackDelay: z.number().optional(),
  hookDetails: z.unknown().optional(),
});

/**
 * Deployments of services with their revisions and their hooks, none of which MiniStack has. There are no
 * tasks: MiniStack only says that they run, and says it before the hooks have answered. A tag has no digest
 * before the hooks have let the first task start, because the agent of Amazon ECS resolves it then. AWS does
 * not document when it does: this is the stricter reading.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerImage.html
 * @see https://github.com/aws/amazon-ecs-agent/pull/4177
 */
export class Deployments {
  private readonly revisions = new Map<string, Revision>();
  private readonly all: Deployment[] = [];

  constructor(
    private readonly places: Places,
    private readonly say: Say,
  ) {}

  public revision(arn: string): Revision | undefined {
    return this.revisions.get(arn);
  }

  /** The newest first. */
  public of(service: string): readonly Deployment[] {
    return this.all.filter(({ serviceArn }) => serviceArn === service || serviceArn.endsWith(`/${service}`));
  }

  /**
   * Begins the deployment of what a service was just given. Its hooks are asked afterwards.
   *
   * @param former the task definition that it goes back to
   */
  public async begin(place: Place, service: Service, former?: string): Promise<void> {
    const { serviceArn, clusterArn, taskDefinition } = service as Required<Service>;
    const of = (kind: string, id: string) => `${serviceArn.replace(':service/', `:${kind}/`)}/${id}`;
    const revision: Revision = {
      serviceRevisionArn: of('service-revision', String(randomInt(1e12, 1e13))),
      serviceArn,
      clusterArn,
      taskDefinition,
      containerImages: await namedImages(taskDefinition, this.places.in(place)),
      createdAt: Date.now() / 1000,
    };
    const deployment: Deployment = {
      serviceDeploymentArn: of('service-deployment', randomUUID().replaceAll('-', '').slice(0, 21)),
      serviceArn,
      clusterArn,
      targetServiceRevisionArn: revision.serviceRevisionArn,
      createdAt: revision.createdAt,
      status: 'IN_PROGRESS',
    };
    this.revisions.set(revision.serviceRevisionArn, revision);
    this.all.unshift(deployment);
    this.deploy(place, deployment, revision, service, former).catch((error: unknown) => {
      Object.assign(deployment, { status: 'ROLLBACK_FAILED', statusReason: messageOf(error) });
    });
  }

  private async deploy(
    place: Place,
    deployment: Deployment,
    revision: Revision,
    { deploymentConfiguration, serviceName }: Service,
    former: string | undefined,
  ): Promise<void> {
    for (const hook of deploymentConfiguration?.lifecycleHooks ?? []) {
      if (hook.lifecycleStages?.includes(STAGE) !== true) continue;
      const why = await this.whyRefused(hook, deployment, place);
      if (why === undefined) continue;
      this.say(`ecs: ${deployment.serviceDeploymentArn} is rolled back: ${why}`);
      await this.places.in(place).ecs.updateService({
        cluster: deployment.clusterArn,
        service: serviceName,
        ...(former === undefined ? { desiredCount: 0 } : { taskDefinition: former }),
      });
      deployment.statusReason = why;
      deployment.status = former === undefined ? 'ROLLBACK_FAILED' : 'ROLLBACK_SUCCESSFUL';
      return;
    }
    revision.containerImages = await resolvedImages(revision.taskDefinition, this.places.in(place));
    deployment.status = 'SUCCESSFUL';
  }

  /** Amazon ECS takes no reason from a hook. What is no answer is a failure. */
  private async whyRefused(
    { hookTargetArn, roleArn, hookDetails: ofAuthor }: DeploymentLifecycleHook,
    { serviceDeploymentArn, serviceArn, targetServiceRevisionArn }: Deployment,
    place: Place,
  ): Promise<string | undefined> {
    const executionId = randomUUID();
    // AWS does not document that it says for whom it assumes the role
    const invoker = { principal: 'ecs.amazonaws.com', keys: {}, roleArn: roleArn! };
    for (let hookDetails: unknown = ofAuthor; ;) {
      const event = {
        executionId,
        lifecycleStage: STAGE,
        resourceArn: serviceDeploymentArn,
        executionDetails: {
          serviceArn,
          targetServiceRevisionArn,
          testTrafficWeights: {},
          productionTrafficWeights: {},
        },
        ...(hookDetails !== undefined && { hookDetails }),
      };
      const said = await invokeAs(invoker, hookTargetArn!, event, place, this.places).catch(messageOf);
      const { data: answer } = HookAnswer.safeParse(said);
      if (answer?.hookStatus === 'SUCCEEDED') return undefined;
      if (answer?.hookStatus !== 'IN_PROGRESS') {
        return `the lifecycle hook ${hookTargetArn} failed: ${JSON.stringify(said)}`;
      }
      hookDetails = answer.hookDetails;
      await sleep((answer.callBackDelay ?? LOOKS_AGAIN) * 1000);
    }
  }
}

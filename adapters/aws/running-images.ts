import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  paginateListClusters,
  paginateListServices,
  paginateListTasks,
  type Task,
} from '@aws-sdk/client-ecs';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { ImageFunctions } from './image-functions';
import { Lookups, PATIENT } from './lookups';
import { TaskDefinitions } from './task-definitions';
import type { Inventory, Running } from '../../src/core/running/inventory';
import type { NamedImage } from '../../src/core/running/sighting';
import { AtOnce } from '../../src/core/times';
import { inParallel } from '../in-parallel';

/** As many as ECS describes at once. */
const [TASKS, SERVICES] = [100, 10];

/**
 * What runs images in this account and region: services and tasks of Amazon ECS, and functions of AWS Lambda
 * with all their versions. It only reads.
 */
export class RunningImages {
  private readonly definitions = new Map<string, Promise<readonly NamedImage[]>>();

  constructor(
    private readonly ecs = new ECSClient(PATIENT),
    private readonly lambda = new LambdaClient(PATIENT),
  ) {}

  /** Whatever cannot be looked up until the signal is in `unknown`, and does not stop the rest. */
  public async list(signal: AbortSignal): Promise<Inventory> {
    const running: Running[] = [];
    const lookups = new Lookups(signal);
    await Promise.all([
      lookups.attempt('the clusters of Amazon ECS', async () => {
        for await (const { clusterArns } of paginateListClusters({ client: this.ecs }, {})) {
          for (const cluster of clusterArns ?? []) {
            await lookups.attempt(`the tasks of ${cluster}`, () => this.tasks(cluster, running, signal));
            await lookups.attempt(`the services of ${cluster}`, () =>
              this.services(cluster, running, signal),
            );
          }
        }
      }),
      lookups.attempt('the functions of AWS Lambda', () => this.functions(running, lookups)),
    ]);
    return { running, unknown: lookups.unknown };
  }

  private async tasks(cluster: string, running: Running[], signal: AbortSignal): Promise<void> {
    for await (const { taskArns: tasks = [] } of paginateListTasks(
      { client: this.ecs, pageSize: TASKS },
      { cluster },
    )) {
      signal.throwIfAborted();
      if (tasks.length === 0) continue;
      const described = await this.ecs.send(new DescribeTasksCommand({ cluster, tasks }));
      for (const task of described.tasks ?? []) {
        const [kind, arn] = ofService(task);
        running.push(...(await this.imagesOfTask(task)).map(image => ({ kind, arn, image })));
      }
    }
  }

  /** As ECS reports them. A task that says less has the images of its definition. */
  private async imagesOfTask({ containers = [], taskDefinitionArn }: Task): Promise<readonly NamedImage[]> {
    const isWhole = containers.length > 0 && containers.every(({ image }) => image !== undefined);
    if (!isWhole) return this.definition(taskDefinitionArn!);
    return containers.map(({ image, imageDigest }) => ({
      reference: image!,
      ...(imageDigest !== undefined && { digest: imageDigest }),
    }));
  }

  /** A service starts its tasks again, also where none runs now. */
  private async services(cluster: string, running: Running[], signal: AbortSignal): Promise<void> {
    for await (const { serviceArns: services = [] } of paginateListServices(
      { client: this.ecs, pageSize: SERVICES },
      { cluster },
    )) {
      signal.throwIfAborted();
      if (services.length === 0) continue;
      const described = await this.ecs.send(new DescribeServicesCommand({ cluster, services }));
      for (const { serviceArn, taskDefinition } of described.services ?? []) {
        if (taskDefinition === undefined) continue;
        const images = await this.definition(taskDefinition);
        running.push(...images.map(image => ({ kind: 'ECS_SERVICE', arn: serviceArn!, image }) as const));
      }
    }
  }

  private definition(name: string): Promise<readonly NamedImage[]> {
    const known =
      this.definitions.get(name) ?? new TaskDefinitions(this.ecs).images(name).then(images => images ?? []);
    this.definitions.set(name, known);
    return known;
  }

  /** An alias may run an older version. */
  private async functions(running: Running[], lookups: Lookups): Promise<void> {
    const images = new ImageFunctions(this.lambda);
    for await (const { Functions = [] } of paginateListFunctions(
      { client: this.lambda },
      { FunctionVersion: 'ALL' },
    )) {
      lookups.signal.throwIfAborted();
      const arns = Functions.filter(({ PackageType }) => PackageType !== 'Zip').map(
        each => each.FunctionArn!,
      );
      await inParallel(AtOnce.queries, arns, arn =>
        lookups.attempt(`the function ${arn}`, async () => {
          const found = (await images.images(arn)) ?? [];
          running.push(...found.map(image => ({ kind: 'LAMBDA_FUNCTION', arn, image }) as const));
        }),
      );
    }
  }
}

function ofService({ group, taskArn, clusterArn }: Task): ['ECS_SERVICE' | 'ECS_TASK', string] {
  const [kind, name] = group?.split(':', 2) ?? [];
  return kind === 'service' && name
    ? ['ECS_SERVICE', `${clusterArn!.replace(':cluster/', ':service/')}/${name}`]
    : ['ECS_TASK', taskArn!];
}

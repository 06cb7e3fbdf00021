import { randomUUID } from 'node:crypto';
import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { SecurityHub, type AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { cloud, description } from './cloud';
import { eventually, uniqueName } from './eventually';
import { documents, nameOf } from './quickstart';
import { patienceWith } from '../../local/cloud/patience';
import { stackResources } from '../../local/cloud/stack-resources';
import { RegisterRow } from '../../src/core/register/row';
import type { GrantMessage } from '../../src/core/trust/grant-watch';
import { sqsEvent } from '../support/sqs-event';

export interface Pushed {
  readonly repository: string;
  readonly digest: string;
}

export function referenceTo({ repository, digest }: Pushed): string {
  const { account, region } = cloud();
  return `${account}.dkr.ecr.${region}.amazonaws.com/${repository}@${digest}`;
}

/** A trust of its own, with what follows its revocations. */
export class Revocations {
  public static async of(stack: string): Promise<Revocations> {
    return new Revocations(await stackResources(cloud(), stack));
  }

  private constructor(private readonly resources: readonly StackResourceSummary[]) {}

  /** By the logical id without the CDK's hash. */
  public physical(type: string, id: string): string {
    const found = this.resources.find(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === type && LogicalResourceId!.slice(0, -8) === id,
    );
    if (found === undefined) throw new Error(`the stack has no ${type} ${id}`);
    return found.PhysicalResourceId!;
  }

  public get register(): string {
    return this.physical('AWS::DynamoDB::GlobalTable', 'TrustRegister');
  }

  public rowOnce(image: Pushed, condition: (row: RegisterRow) => boolean): Promise<RegisterRow> {
    const look = async () => {
      const Item = await this.item(nameOf(image.repository, image.digest));
      const row = Item === undefined ? undefined : RegisterRow.parse(Item);
      return row !== undefined && condition(row) ? row : undefined;
    };
    const { verdict, signature } = patienceWith(description());
    return eventually(`the row of ${image.repository}@${image.digest}`, look, verdict + signature);
  }

  public async item(pk: string): Promise<Record<string, unknown> | undefined> {
    return (await documents().get({ TableName: this.register, Key: { pk }, ConsistentRead: true })).Item;
  }

  /** As the administrator: nobody waits for a week. */
  public async refusedForDays({ repository, digest }: Pushed, days: number): Promise<void> {
    await documents().update({
      TableName: this.register,
      Key: { pk: nameOf(repository, digest) },
      UpdateExpression: 'SET refusedSince = :since',
      ExpressionAttributeValues: { ':since': new Date(Date.now() - days * 86_400_000).toISOString() },
    });
  }

  /** The message by which the watcher of a grant looks at it. */
  public async lookAt(grantId: string): Promise<GrantMessage> {
    const TableName = this.physical('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass');
    const { Items = [] } = await documents().scan({ TableName });
    const { pk } = Items.find(item => item.grantId === grantId) as { pk: string };
    return { kind: 'grant', pk, grantId, sentAt: new Date().toISOString(), isPublished: true };
  }

  public async invoke(id: string, payload: object): Promise<unknown> {
    const FunctionName = this.physical('AWS::Lambda::Function', id);
    const { FunctionError, Payload } = await cloud().lambda.invoke({
      FunctionName,
      Payload: JSON.stringify(payload),
    });
    const text = Buffer.from(Payload!).toString();
    if (FunctionError !== undefined) throw new Error(text);
    return JSON.parse(text);
  }

  /** Hands a function a message, as Lambda does for its queue. */
  public async consume(id: string, body: object): Promise<void> {
    expect(await this.invoke(id, sqsEvent([body]))).toEqual({ batchItemFailures: [] });
  }

  /** Findings in Security Hub whose id begins so, by the image that they are about. */
  public async findings(kind: 'held' | 'break-glass'): Promise<AwsSecurityFinding[]> {
    const { account, region } = cloud();
    const Id = [{ Comparison: 'PREFIX', Value: `trusted-images/${account}/${region}/${kind}/` } as const];
    const { Findings = [] } = await new SecurityHub(cloud()).getFindings({ Filters: { Id } });
    return Findings;
  }
}

/** A service of Amazon ECS, whose gate is asked as its lifecycle hook is. */
export class Service {
  public static async of(pushed: Pushed): Promise<Service> {
    const { ecs } = cloud();
    const [cluster, serviceName] = [uniqueName('cluster'), uniqueName('service')];
    await ecs.createCluster({ clusterName: cluster });
    const { taskDefinition } = await ecs.registerTaskDefinition({
      family: serviceName,
      containerDefinitions: [{ name: 'web', image: referenceTo(pushed), memory: 64 }],
    });
    const { taskDefinitionArn } = taskDefinition!;
    const made = await ecs.createService({ cluster, serviceName, taskDefinition: taskDefinitionArn });
    const { serviceDeployments: [deployment] = [] } = await ecs.listServiceDeployments({
      cluster,
      service: serviceName,
    });
    return new Service(made.service!.serviceArn!, deployment!.targetServiceRevisionArn!);
  }

  private constructor(
    public readonly arn: string,
    private readonly revision: string,
  ) {}

  public async isAdmittedBy(trust: Revocations, gate: string): Promise<boolean> {
    const answer = await trust.invoke(gate, {
      executionId: randomUUID(),
      lifecycleStage: 'PRE_SCALE_UP',
      resourceArn: this.arn.replace(':service/', ':service-deployment/'),
      executionDetails: { serviceArn: this.arn, targetServiceRevisionArn: this.revision },
    });
    return (answer as { hookStatus: string }).hookStatus === 'SUCCEEDED';
  }
}

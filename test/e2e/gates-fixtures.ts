import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { Attributes } from './apps/gates/app';
import { cloud, emulator, type CloudClient } from './cloud';
import { destroy } from './cloud-fixtures';
import { eventually, uniqueName } from './eventually';
import { quickstart, resource } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import type { Job } from '../../local/cloud/codepipeline/jobs';
import type { Deployment } from '../../local/cloud/ecs/deployments';
import { stackResources } from '../../local/cloud/stack-resources';
import type { HookAnswer } from '../../src/core/gates/cloudformation-answer';

const STACK = 'Gates';
const cwd = join(__dirname, 'apps', 'gates');

/** What a gate did with an image: its answer, and what the service that asked shows of it. */
export interface Answered {
  readonly admitted: boolean;
  readonly says: string;
}

/** The ARNs of what runs an image past every gate. */
interface RunsPast {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly service: string;
  readonly task: string;
  readonly function: string;
}

/**
 * The gates of a stack with the ids `CloudFormation`, `Ecs` and `Pipeline`, each asked as its service asks.
 */
export class Gates {
  public static async deploy(): Promise<Gates> {
    const environment = { TRUST: JSON.stringify(await attributesOfQuickstart()) };
    await cdk(cloud(), ['deploy', '--require-approval=never'], { cwd, environment });
    return Gates.of(STACK);
  }

  /**
   * @param where the account of the stack
   * @param looks that the gate of Amazon ECS has behind it when it is first asked
   */
  public static async of(stack: string, where: CloudClient = cloud(), looks = 0): Promise<Gates> {
    const gates = new Gates(await stackResources(where, stack), where);
    await gates.makeService(looks);
    return gates;
  }

  private readonly cluster = uniqueName('cluster');
  private readonly service = uniqueName('service');
  private serviceArnOnceMade = '';

  private constructor(
    private readonly resources: readonly StackResourceSummary[],
    private readonly where: CloudClient,
  ) {}

  public destroy(): Promise<void> {
    return destroy(STACK, this.where);
  }

  /** Where the gates of this app tell the team. */
  public get topicArn(): string {
    return this.physical('AWS::SNS::Topic', 'TrustTopic');
  }

  public get serviceArn(): string {
    return this.serviceArnOnceMade;
  }

  public stack(name: string): string {
    const { region, account } = this.where;
    return `arn:aws:cloudformation:${region}:${account}:stack/${name}`;
  }

  public get pipelineArn(): string {
    const { region, account } = this.where;
    return `arn:aws:lambda:${region}:${account}:function:${this.physical('AWS::Lambda::Function', 'Pipeline')}`;
  }

  /** The roles of the gates. */
  public get roles(): string[] {
    return ['CloudFormationRole', 'EcsRole', 'PipelineRole'].map(id => this.physical('AWS::IAM::Role', id));
  }

  /** The documented payload of a hook, for a task definition with this image. */
  public async cloudFormation(image: unknown, stack = 'shop'): Promise<Answered> {
    const properties = { ContainerDefinitions: [{ Name: 'web', Image: image }] };
    return this.cloudFormationResource('AWS::ECS::TaskDefinition', properties, stack);
  }

  public async cloudFormationResource(type: string, properties: object, stack = 'shop'): Promise<Answered> {
    return this.askHook(hookPayload(type, properties, this.stack(stack), this.where.account));
  }

  /** The same where the event was too large: the model lies in Amazon S3, at a URL that is signed. */
  public async cloudFormationByPointer(image: unknown): Promise<Answered> {
    const [targetName, model] = ['AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Image: image }] }];
    const payload = await signedUrlOf({ resourceProperties: model });
    const event = hookPayload(targetName, {}, this.stack('shop'), this.where.account);
    const requestData = { ...event.requestData, targetModel: null, payload };
    return this.askHook({ ...event, requestData });
  }

  public async askHook(payload: unknown): Promise<Answered> {
    const { Payload } = await this.where.lambda.invoke({
      FunctionName: this.physical('AWS::Lambda::Function', 'CloudFormation'),
      Payload: JSON.stringify(payload),
    });
    const { hookStatus, message } = JSON.parse(Buffer.from(Payload!).toString()) as HookAnswer;
    return { admitted: hookStatus === 'SUCCESS', says: message };
  }

  /** Deploys a task definition with this image to the service. Its hook decides. */
  public async ecs(image: string): Promise<Answered> {
    const { ecs } = this.where;
    const { taskDefinition } = await ecs.registerTaskDefinition(definition(image));
    const { cluster, service } = this;
    await ecs.updateService({ cluster, service, taskDefinition: taskDefinition!.taskDefinitionArn });
    const { status, statusReason } = await eventually('the end of the deployment', async () => {
      const { serviceDeployments: [latest] = [] } = await ecs.listServiceDeployments({ cluster, service });
      return latest?.status === 'IN_PROGRESS' ? undefined : (latest as unknown as Deployment);
    });
    const { services: [now] = [] } = await ecs.describeServices({ cluster, services: [service] });
    const admitted = now!.taskDefinition === taskDefinition!.taskDefinitionArn;
    expect(status).toBe(admitted ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL');
    return { admitted, says: statusReason ?? '' };
  }

  /** The documented event of an action that names this image. */
  public async pipeline(parameters: object): Promise<Answered> {
    return this.pipelineText(JSON.stringify({ count: 1, ...parameters }));
  }

  /** The same, with the parameters as the variables leave them. */
  public async pipelineText(userParameters: string): Promise<Answered> {
    const { account, region } = this.where;
    const { id } = (await emulator().admin('jobs', {
      account,
      region,
      functionName: this.physical('AWS::Lambda::Function', 'Pipeline'),
      userParameters,
    })) as Job;
    const { status, message = '' } = await eventually('the answer to the job', async () => {
      const jobs = (await emulator().admin('jobs')) as Job[];
      return jobs.find(job => job.id === id && job.status !== 'InProgress');
    });
    return { admitted: status === 'Succeeded', says: message };
  }

  /** Runs an image past every gate: as a service without a hook, as a task, and as a function. */
  public async runPast(image: string): Promise<RunsPast> {
    const { ecs, lambda, account } = cloud();
    const [clusterName, serviceName, FunctionName] = ['past', 'past', 'past'].map(uniqueName) as [
      string,
      string,
      string,
    ];
    const { cluster } = await ecs.createCluster({ clusterName });
    const { taskDefinition: registered } = await ecs.registerTaskDefinition(definition(image));
    const taskDefinition = registered!.taskDefinitionArn!;
    const { service } = await ecs.createService({
      cluster: clusterName,
      serviceName,
      taskDefinition,
      desiredCount: 0,
    });
    const { tasks: [task] = [] } = await ecs.runTask({ cluster: clusterName, taskDefinition });
    const { FunctionArn } = await lambda.createFunction({
      FunctionName,
      Role: `arn:aws:iam::${account}:role/${this.roles[0]}`,
      PackageType: 'Image',
      Code: { ImageUri: image },
    });
    return {
      cluster: cluster!.clusterArn!,
      taskDefinition,
      service: service!.serviceArn!,
      task: task!.taskArn!,
      function: FunctionArn!,
    };
  }

  /** Resolves when the run watcher has dealt with an event of a service, as EventBridge delivers it. */
  public async happens(event: object): Promise<void> {
    const { source, 'detail-type': detailType, detail } = event as Record<string, unknown>;
    await emulator().admin('events', { source, detailType, detail });
    const QueueUrl = this.physical('AWS::SQS::Queue', 'RunsEvents');
    await eventually('the end of the events', async () => {
      const { Attributes = {} } = await cloud().sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
      return ApproximateNumberOfMessages === '0' && ApproximateNumberOfMessagesNotVisible === '0'
        ? true
        : undefined;
    });
  }

  /** The bus and the register of the revocation watcher. */
  public get watched(): { eventBusName: string; tableName: string; topicArn: string } {
    return {
      eventBusName: this.physical('AWS::Events::EventBus', 'Events'),
      tableName: this.physical('AWS::DynamoDB::GlobalTable', 'Register'),
      topicArn: this.physical('AWS::SNS::Topic', 'AlertsTopic'),
    };
  }

  /** Physical id of a resource of the stack, by its logical id without the CDK's hash. */
  public physical(type: string, id: string): string {
    return this.resources.find(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === type && LogicalResourceId!.slice(0, -8) === id,
    )!.PhysicalResourceId!;
  }

  /** With what runs before: a container whose image no gate was asked about. */
  private async makeService(trustedImagesLooks: number): Promise<void> {
    const { ecs, account, region } = this.where;
    const { cluster, service: serviceName } = this;
    await ecs.createCluster({ clusterName: cluster });
    const { taskDefinition } = await ecs.registerTaskDefinition(definition('before'));
    const { service } = await ecs.createService({
      cluster,
      serviceName,
      taskDefinition: taskDefinition!.taskDefinitionArn,
      desiredCount: 1,
    });
    await ecs.updateService({
      cluster,
      service: serviceName,
      deploymentConfiguration: {
        strategy: 'BLUE_GREEN',
        lifecycleHooks: [
          {
            hookTargetArn: `arn:aws:lambda:${region}:${account}:function:${this.physical('AWS::Lambda::Function', 'Ecs')}`,
            roleArn: `arn:aws:iam::${account}:role/${this.physical('AWS::IAM::Role', 'EcsInvoke')}`,
            lifecycleStages: ['PRE_SCALE_UP'],
            ...(trustedImagesLooks > 0 && { hookDetails: { trustedImagesLooks } }),
          },
        ],
      },
    });
    this.serviceArnOnceMade = service!.serviceArn!;
  }
}

/** What the outputs of the quickstart would say if it was published. */
async function attributesOfQuickstart(): Promise<Attributes> {
  const { region, account } = cloud();
  const { RegisterTableName, EvidenceBucketName, SigningKeyAlias } = await quickstart();
  const table = (name: string) => `arn:aws:dynamodb:${region}:${account}:table/${name}`;
  const queue = (url: string) => `arn:aws:sqs:${region}:${account}:${url.split('/').at(-1)}`;
  const { KeyMetadata } = await cloud().kms.describeKey({ KeyId: SigningKeyAlias });
  const uses = await resource('AWS::SQS::Queue', 'TrustBreakGlassMessages');
  return {
    registerTableArn: table(RegisterTableName),
    policiesTableArn: table(await resource('AWS::DynamoDB::GlobalTable', 'TrustPolicies')),
    scanRequestsQueueArn: queue(await resource('AWS::SQS::Queue', 'TrustScannerRequests')),
    grantsTableArn: table(await resource('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass')),
    grantMessagesQueueArn: queue(uses),
    grantMessagesQueueUrl: uses,
    evidenceBucketName: EvidenceBucketName,
    keyArn: KeyMetadata!.Arn!,
  };
}

function definition(image: string) {
  return { family: 'gated', containerDefinitions: [{ name: 'web', image, memory: 64, essential: true }] };
}

/**
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
function hookPayload(targetName: string, resourceProperties: object, stack: string, awsAccountId: string) {
  return {
    clientRequestToken: randomUUID(),
    awsAccountId,
    stackId: `${stack}/1a2345b6-0000-00a0-a123-00abc0abc000`,
    changeSetId: null,
    hookTypeName: 'TrustedImages::Gate::Test',
    hookTypeVersion: '00000001',
    hookModel: {},
    actionInvocationPoint: 'UPDATE_PRE_PROVISION',
    requestData: {
      targetName,
      targetType: targetName,
      targetLogicalId: 'Resource',
      targetModel: { resourceProperties, previousResourceProperties: null },
      payload: null,
    },
    requestContext: { invocation: 3, callbackContext: null },
  };
}

/** What the client of Amazon S3 signs with, of which the types of the SDK show less. */
interface Presigner {
  presign(request: object): Promise<{ path: string; query: Record<string, string> }>;
}

async function signedUrlOf(content: object): Promise<string> {
  const { s3, endpoint } = cloud();
  const [Bucket, Key] = [uniqueName('payloads'), 'payload.json'];
  await s3.createBucket({ Bucket });
  await s3.putObject({ Bucket, Key, Body: JSON.stringify(content) });
  const { protocol, hostname, port, host } = new URL(endpoint!);
  const signer = (await s3.config.signer()) as unknown as Presigner;
  const { path, query } = await signer.presign({
    method: 'GET',
    protocol,
    hostname,
    port: Number(port),
    path: `/${Bucket}/${Key}`,
    headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  });
  return `${endpoint}${path}?${new URLSearchParams(query).toString()}`;
}

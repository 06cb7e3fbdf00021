import { Build, StartBuildCommandInput } from '@aws-sdk/client-codebuild';
import { Rule, Target } from '@aws-sdk/client-eventbridge';
import { cloud, emulator } from './cloud';
import { eventually, uniqueName } from './eventually';

export interface Queue {
  readonly arn: string;
  /** The next message's body, which is then gone. */
  receive(): Promise<string>;
  isEmpty(): Promise<boolean>;
}

export async function makeQueue(): Promise<Queue> {
  const { sqs, region, account } = cloud();
  const name = uniqueName('queue');
  const arn = `arn:aws:sqs:${region}:${account}:${name}`;
  const open = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn };
  const { QueueUrl } = await sqs.createQueue({
    QueueName: name,
    Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [open] }) },
  });
  const poll = async () => {
    const { Messages: [message] = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 1 });
    if (message !== undefined) await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });
    return message?.Body;
  };
  return {
    arn,
    receive: () => eventually(`a message in ${name}`, poll),
    isEmpty: async () => (await poll()) === undefined,
  };
}

/** A rule for service events of one source of its own, so that other tests' events do not reach it. */
export async function makeRule(pattern: object, target: Omit<Target, 'Id'>, bus = 'default'): Promise<Rule> {
  const { events } = cloud();
  const Name = uniqueName('rule');
  await events.putRule({ Name, EventPattern: JSON.stringify(pattern), EventBusName: bus });
  await events.putTargets({
    Rule: Name,
    EventBusName: bus,
    Targets: [{ Id: 'target', ...target } as Target],
  });
  return { Name };
}

/** A role that a service may assume, with all rights or with those given. */
export async function makeRole(
  service: string,
  statements: object[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }],
): Promise<string> {
  const { iam, account } = cloud();
  const RoleName = uniqueName('role');
  const trust = {
    Effect: 'Allow',
    Principal: { Service: service, AWS: `arn:aws:iam::${account}:root` },
    Action: 'sts:AssumeRole',
  };
  await iam.createRole({
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
  });
  await iam.putRolePolicy({
    RoleName,
    PolicyName: 'rights',
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
  });
  return `arn:aws:iam::${account}:role/${RoleName}`;
}

export async function makeProject(buildspec: object): Promise<string> {
  const name = uniqueName('project');
  await cloud().codebuild.createProject({
    name,
    serviceRole: await makeRole('codebuild.amazonaws.com'),
    artifacts: { type: 'NO_ARTIFACTS' },
    source: { type: 'NO_SOURCE', buildspec: JSON.stringify(buildspec) },
    environment: { type: 'LINUX_CONTAINER', image: 'scanner:1', computeType: 'BUILD_GENERAL1_SMALL' },
  });
  return name;
}

export async function runBuild(request: StartBuildCommandInput): Promise<Build> {
  const { build } = await cloud().codebuild.startBuild(request);
  return finishedBuild(build!.id!);
}

export const USUAL_BUILDS = { maxConcurrent: 2, maxQueued: 20 };

/** Limits the builds of the account. Those of former files may be under way, and count and wait too. */
export async function limitBuilds(limits: Partial<typeof USUAL_BUILDS>): Promise<void> {
  await emulator().admin('builds', { ...USUAL_BUILDS, ...limits });
}

/** For `afterEach` too: a test that fails must not stop the scans of all files that follow. */
export function usualBuilds(): Promise<void> {
  return limitBuilds({});
}

export function finishedBuild(id: string): Promise<Build> {
  return eventually(`the end of build ${id}`, async () => {
    const { builds: [build] = [] } = await cloud().codebuild.batchGetBuilds({ ids: [id] });
    return build?.buildComplete ? build : undefined;
  });
}

/** A stack that is named is updated. Returns the stack's name. */
export async function deploy(template: object, stackToUpdate?: string): Promise<string> {
  const { cloudformation } = cloud();
  const StackName = stackToUpdate ?? uniqueName('stack');
  const source = await templateSource(JSON.stringify(template));
  const request = { StackName, ...source, Capabilities: ['CAPABILITY_NAMED_IAM' as const] };
  await (stackToUpdate === undefined
    ? cloudformation.createStack(request)
    : cloudformation.updateStack(request));
  await eventually(`stack ${StackName}`, async () => {
    const { Stacks: [stack] = [] } = await cloudformation.describeStacks({ StackName });
    if (/(?:ROLLBACK_COMPLETE|FAILED)$/.test(stack.StackStatus!)) {
      const why = [stack.StackStatusReason, ...(await reasonsOf(StackName))].join('\n');
      throw new Error(`stack ${StackName} ended with ${stack.StackStatus}: ${why}`);
    }
    return /^(?:CREATE|UPDATE)_COMPLETE$/.test(stack.StackStatus!) ? stack : undefined;
  });
  return StackName;
}

/**
 * In the embedded cloud through S3, as the CDK does: that is where templates are rewritten. On AWS a bucket
 * would stay behind.
 */
async function templateSource(Body: string): Promise<{ TemplateURL: string } | { TemplateBody: string }> {
  const { s3, endpoint } = cloud();
  if (endpoint === undefined) return { TemplateBody: Body };
  const Bucket = uniqueName('templates');
  await s3.createBucket({ Bucket });
  await s3.putObject({ Bucket, Key: 'template.json', Body });
  return { TemplateURL: `${endpoint}/${Bucket}/template.json` };
}

/** What resources say that failed in a stack's last deployment. Events come with the newest first. */
async function reasonsOf(StackName: string): Promise<string[]> {
  const { StackEvents = [] } = await cloud().cloudformation.describeStackEvents({ StackName });
  const begin = StackEvents.findIndex(
    ({ PhysicalResourceId, StackId, ResourceStatus }) =>
      PhysicalResourceId === StackId && /^(?:CREATE|UPDATE)_IN_PROGRESS$/.test(ResourceStatus!),
  );
  return StackEvents.slice(0, begin)
    .filter(({ ResourceStatus }) => ResourceStatus!.endsWith('_FAILED'))
    .map(({ ResourceStatusReason }) => ResourceStatusReason!);
}

/**
 * What the CDK's command line would deploy of a stack next, with another tag of its image. That would start
 * two programs for a template that differs in the tag only.
 */
export async function templateWithTag(StackName: string, tag: string): Promise<object> {
  const { TemplateBody } = await cloud().cloudformation.getTemplate({ StackName });
  const template = JSON.parse(TemplateBody!) as {
    Resources: Record<string, { Type: string; Properties: { Tag: string } }>;
  };
  const image = Object.values(template.Resources).find(({ Type }) => Type === 'Custom::TrustedImage')!;
  image.Properties.Tag = tag;
  return template;
}

/** What is said of a deployment that fails. The command line breaks lines where it likes. */
export async function refusalOf(deployment: Promise<unknown>): Promise<string> {
  const said = await deployment.then(
    () => 'deployed',
    (error: Error) => error.message,
  );
  return said.replace(/\s+/g, ' ');
}

/** Deletes a stack, if it is there, as the CDK's command line does. Fails if a resource cannot be deleted. */
export async function destroy(StackName: string, { cloudformation } = cloud()): Promise<void> {
  await cloudformation.deleteStack({ StackName });
  await eventually(`the end of the stack ${StackName}`, async () => {
    const { Stacks = [] } = await cloudformation.describeStacks({});
    const stack = Stacks.find(each => each.StackName === StackName);
    if (stack?.StackStatus === 'DELETE_FAILED') {
      throw new Error(`stack ${StackName} cannot be deleted: ${stack.StackStatusReason}`);
    }
    return stack === undefined ? true : undefined;
  });
}

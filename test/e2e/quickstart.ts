import { Message } from '@aws-sdk/client-sqs';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { cloud, emulator, type CloudClient } from './cloud';
import { eventually, uniqueName } from './eventually';
import type { CloudDescription } from '../../local/cloud/description';
import { patienceWith } from '../../local/cloud/patience';
import { loginTo } from '../../local/cloud/registry-login';
import { stackResources } from '../../local/cloud/stack-resources';
import { follow, Followed } from '../../local/demo/follow';
import { Content } from '../../local/images/content';
import { pushImage } from '../../local/images/push';
import { zooImage, ZooName } from '../../local/images/zoo/zoo';
import { Progress } from '../../local/progress';
import { prepareQuickstart, QuickstartOutputs, quickstartOutputs, STACK } from '../../local/quickstart';
import { imageName } from '../../src/core/image/image';
import { RegisterRow } from '../../src/core/register/row';

/** The quickstart, deployed once for all files of the run. */
export async function quickstart(): Promise<QuickstartOutputs> {
  const { Stacks = [] } = await cloud().cloudformation.describeStacks({});
  if (
    Stacks.some(
      ({ StackName, StackStatus }) =>
        StackName === STACK && /^(?:CREATE|UPDATE)_COMPLETE$/.test(StackStatus!),
    )
  ) {
    return quickstartOutputs(cloud());
  }
  if (!('socketPath' in cloud())) {
    throw new Error(`there is no stack ${STACK}; npm run aws:check deploys it before the tests`);
  }
  return prepareQuickstart(emulator(), new Progress(() => undefined));
}

/** A repository of the test's own, enrolled by its prefix. */
export async function makeRepository(prefix = 'team'): Promise<string> {
  const repository = `${prefix}/${uniqueName('app')}`;
  await cloud().ecr.createRepository({ repositoryName: repository });
  return repository;
}

export async function push(
  repository: string,
  image: ZooName | Content,
  tag?: string,
  by: CloudDescription = cloud(),
): Promise<string> {
  const content = typeof image === 'string' ? await zooImage(image) : image;
  return pushImage(await loginTo(by), repository, tag ?? (typeof image === 'string' ? image : 'v1'), content);
}

export async function verdictOf(repository: string, digest: string): Promise<Followed> {
  return follow(cloud(), (await quickstart()).RegisterTableName, repository, digest);
}

/** The register's row once it satisfies a condition. */
export async function rowOnce(
  repository: string,
  digest: string,
  condition: (row: RegisterRow) => boolean,
): Promise<RegisterRow> {
  const { RegisterTableName: TableName } = await quickstart();
  let last: Record<string, unknown> | undefined;
  const what = () => `the row of ${repository}@${digest}, which is ${JSON.stringify(last)}`;
  return eventually(what, async () => {
    const { Item } = await documents().get({
      TableName,
      Key: { pk: nameOf(repository, digest) },
      ConsistentRead: true,
    });
    last = Item;
    const row = Item === undefined ? undefined : RegisterRow.parse(Item);
    return row !== undefined && condition(row) ? row : undefined;
  });
}

export function nameOf(repository: string, digest: string): string {
  const { account, region } = cloud();
  return imageName({ account, region, repository, digest });
}

export function documents(): DynamoDBDocument {
  return DynamoDBDocument.from(cloud().dynamodb);
}

/** Physical id of a resource of the quickstart, by its logical id without the CDK's hash. */
export async function resource(type: string, logicalId: string): Promise<string> {
  const found = (await stackResources(cloud(), STACK)).find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === type && LogicalResourceId!.slice(0, -8) === logicalId,
  );
  if (found === undefined) throw new Error(`the quickstart has no ${type} ${logicalId}`);
  return found.PhysicalResourceId!;
}

/** How many builds were started for an image: of the last hundred, which are more than a test starts. */
export async function buildsOf(repository: string, digest: string): Promise<number> {
  const { ids = [] } = await cloud().codebuild.listBuilds({ sortOrder: 'DESCENDING' });
  const { builds = [] } = await cloud().codebuild.batchGetBuilds({ ids: ids.slice(0, 100) });
  const name = nameOf(repository, digest);
  return builds.filter(({ environment }) =>
    environment?.environmentVariables?.some(({ value }) => value === name),
  ).length;
}

const REQUESTS = ['TrustScannerRequests', 'TrustScannerBackground'];
const RESULTS = ['TrustScannerResults', 'TrustSignerVerdicts'];

/**
 * No scan of a former file is under way, or comes again by its retry, and nothing is left to sign. For tests
 * whose faults any scan would meet.
 */
export async function noOtherScans(): Promise<void> {
  await quickstart();
  for (const name of REQUESTS) {
    await cloud().sqs.purgeQueue({ QueueUrl: await resource('AWS::SQS::Queue', name) });
  }
  await buildsEnded();
  await handled(RESULTS);
}

/**
 * What was requested until now has come to its end: each message, its build, its result and its signature.
 * For tests in which nothing must happen, after `noOtherScans`: a request of a former file may wait for long.
 */
export async function idle(): Promise<void> {
  await handled(REQUESTS);
  await buildsEnded();
  await handled(RESULTS);
}

/** Of the quickstart. MiniStack never ends the builds of which the gateway does not know. */
async function buildsEnded(): Promise<void> {
  const { codebuild } = cloud();
  const project = await resource('AWS::CodeBuild::Project', 'TrustScannerProject');
  let running: readonly string[] = [];
  await eventually(
    () => `the end of the builds ${running.join(', ')}`,
    async () => {
      const { ids = [] } = await codebuild.listBuilds({ sortOrder: 'DESCENDING' });
      const { builds = [] } = await codebuild.batchGetBuilds({ ids: ids.slice(0, 100) });
      running = builds
        .filter(({ projectName, buildComplete }) => projectName === project && !buildComplete)
        .map(({ id }) => id!);
      return running.length === 0 ? true : undefined;
    },
  );
}

/** One queue after the other, as a message goes. Retries and follow-ups of builds are delayed: not these. */
async function handled(queues: readonly string[]): Promise<void> {
  // an untagged push, as the signer's own, waits two minutes for its index
  const patience = patienceWith(cloud()).test / 2;
  for (const name of queues) {
    const QueueUrl = await resource('AWS::SQS::Queue', name);
    await eventually(
      `an empty queue ${name}`,
      async () => {
        const { Attributes } = await cloud().sqs.getQueueAttributes({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        });
        return Object.values(Attributes!).every(count => count === '0') ? true : undefined;
      },
      patience,
    );
  }
}

/** The end of the next build of a repository is never heard of. Builds of other tests may be under way. */
export async function loseEndOfBuildOf(repository: string): Promise<void> {
  const { account, region } = cloud();
  const image = [{ prefix: `${account}.${region}/${repository}@` }];
  await emulator().admin('events/drop', {
    pattern: {
      'detail-type': ['CodeBuild Build State Change'],
      detail: {
        'build-status': ['SUCCEEDED'],
        'additional-information': {
          environment: { 'environment-variables': { name: ['IMAGE'], value: image } },
        },
      },
    },
    times: 1,
  });
}

export interface Listener {
  until(matches: (body: string) => boolean): Promise<string>;
  all(): string[];
}

/** Everything that is published to a topic or a bus from now on. */
export async function listen(
  to: { topicArn: string } | { eventBusName: string },
  by: CloudClient = cloud(),
): Promise<Listener> {
  const { sqs, sns, events, region, account } = by;
  const name = uniqueName('listener');
  const arn = `arn:aws:sqs:${region}:${account}:${name}`;
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn }],
  };
  const { QueueUrl } = await sqs.createQueue({
    QueueName: name,
    Attributes: { Policy: JSON.stringify(policy) },
  });
  if ('topicArn' in to) {
    await sns.subscribe({ TopicArn: to.topicArn, Protocol: 'sqs', Endpoint: arn });
  } else {
    await events.putRule({
      Name: name,
      EventBusName: to.eventBusName,
      EventPattern: JSON.stringify({ source: ['trusted-images'] }),
    });
    await events.putTargets({
      Rule: name,
      EventBusName: to.eventBusName,
      Targets: [{ Id: 'queue', Arn: arn }],
    });
  }
  const heard: string[] = [];
  const poll = async () => {
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
    await Promise.all(
      Messages.map(({ ReceiptHandle }: Message) => sqs.deleteMessage({ QueueUrl, ReceiptHandle })),
    );
    heard.push(...Messages.map(({ Body }) => Body!));
  };
  return {
    until: matches =>
      eventually('a message', async () => {
        await poll();
        return heard.find(matches);
      }),
    all: () => heard,
  };
}

/** Physical names of what roles may or may not touch. */
export interface QuickstartNames {
  readonly Bucket: string;
  readonly uploads: string;
  readonly register: string;
  readonly findings: string;
  readonly policies: string;
  readonly topic: string;
  readonly project: string;
  readonly bus: string;
  readonly signingKey: string;
}

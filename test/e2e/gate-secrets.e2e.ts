import { setTimeout as sleep } from 'node:timers/promises';
import { cloud, miniStack } from './cloud';
import { deploy, destroy, makeRole, templateWithTag } from './cloud-fixtures';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { awsClients, type AwsClients } from '../../local/cloud/aws-clients';
import { deployService, SERVICE, STACK } from '../../local/quickstart';

onlyEmulated('it looks for the address at which MiniStack takes answers of custom resources');

/** Where this CloudFormation takes answers. On AWS it is a signed URL of S3. */
const RESPONSE_URL = /https?:\/\/[^\s"\\]+\/_ministack\/cfn-response\/[\w-]+/;

/** What people get who may read everything, and use what they read. */
const READER = [
  'states:*',
  'logs:*',
  'sqs:*',
  'lambda:Get*',
  'lambda:List*',
  'cloudformation:Describe*',
  'cloudformation:Get*',
  'cloudformation:List*',
  'dynamodb:GetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  's3:Get*',
  's3:List*',
];

let reader: AwsClients;

beforeAll(async () => {
  await quickstart();
  const role = await makeRole('lambda.amazonaws.com', [{ Effect: 'Allow', Action: READER, Resource: '*' }]);
  const { endpoint, region } = cloud();
  const { Credentials } = await miniStack().sts.assumeRole({ RoleArn: role, RoleSessionName: 'reader' });
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken!,
  };
  reader = awsClients({ endpoint, region, credentials });
});
afterAll(() => destroy(SERVICE));

interface Seen {
  readonly texts: string[];
  waiting: number;
  denied: number;
}

test('rule 5.10, no secrets of gates: whoever may read executions, logs, queues and templates finds nothing that answers CloudFormation, and so a vulnerable image is refused', async () => {
  const digest = await push('team/app', 'fixable-critical', 'attacked');
  const seen: Seen = { texts: [], waiting: 0, denied: 0 };
  let isOver = false;
  const deployment = deployService(cloud(), 'attacked')
    .then(
      () => 'deployed',
      (error: Error) => error.message,
    )
    .finally(() => {
      isOver = true;
    });
  for (; !isOver; await sleep(50)) {
    await Promise.all([executions, logs, templates, queues].map(look => look(seen).catch(unlessGone)));
    const [url] = RESPONSE_URL.exec(seen.texts.join('\n')) ?? [];
    if (url !== undefined) await answerInItsPlace(url, digest);
  }
  expect((await deployment).replace(/\s+/g, ' ')).toContain('is refused: it does not pass policy');
  expect(seen.texts.some(text => RESPONSE_URL.test(text))).toBe(false);
  // it did read the log of the gate
  expect(seen.texts.some(text => text.startsWith('START RequestId'))).toBe(true);
  expect(seen.waiting).toBeGreaterThan(0); // and a message lay there
  expect(seen.denied).toBeGreaterThan(0);
});

async function answerInItsPlace(url: string, digest: string): Promise<void> {
  await fetch(url, {
    method: 'PUT',
    body: JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'forged', Data: { Digest: digest } }),
  });
}

/** A stack that rolls back takes away what is looked at. */
function unlessGone(error: Error): void {
  if (!/NotFound|NotExist/.test(error.name)) throw error;
}

async function executions({ texts }: Seen): Promise<void> {
  const { stateMachines = [] } = await reader.sfn.listStateMachines({});
  for (const { stateMachineArn } of stateMachines) {
    const { executions: all = [] } = await reader.sfn.listExecutions({ stateMachineArn });
    for (const { executionArn } of all) {
      const [{ input = '' }, { events = [] }] = await Promise.all([
        reader.sfn.describeExecution({ executionArn }),
        reader.sfn.getExecutionHistory({ executionArn }),
      ]);
      texts.push(input, JSON.stringify(events));
    }
  }
}

async function logs({ texts }: Seen): Promise<void> {
  const { logGroups = [] } = await reader.logs.describeLogGroups({});
  for (const { logGroupName } of logGroups.filter(each => /TrustGate/.test(each.logGroupName!))) {
    const { events = [] } = await reader.logs.filterLogEvents({ logGroupName });
    texts.push(...events.map(({ message }) => message!));
  }
}

/** Of the service's stack, once it is there. */
async function resources(): Promise<unknown> {
  return reader.cloudformation.describeStackResources({ StackName: SERVICE }).catch(() => undefined);
}

/** The queue of the gate, and its dead letters. */
async function gateQueues(): Promise<string[]> {
  const { StackResources = [] } = await reader.cloudformation.describeStackResources({ StackName: STACK });
  return StackResources.filter(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === 'AWS::SQS::Queue' && LogicalResourceId!.startsWith('TrustGateDeployments'),
  ).map(({ PhysicalResourceId }) => PhysicalResourceId!);
}

async function templates({ texts }: Seen): Promise<void> {
  const events = await reader.cloudformation
    .describeStackEvents({ StackName: SERVICE })
    .catch(() => undefined); // it is not there yet
  texts.push(JSON.stringify([await resources(), events?.StackEvents]));
}

async function queues(seen: Seen): Promise<void> {
  for (const QueueUrl of await gateQueues()) {
    const { Attributes = {} } = await reader.sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
    seen.waiting +=
      Number(Attributes.ApproximateNumberOfMessages) +
      Number(Attributes.ApproximateNumberOfMessagesNotVisible);
    const { Messages = [] } = await reader.sqs
      .receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 })
      .catch((error: Error) => {
        if (!/denied/i.test(`${error.name} ${error.message}`)) throw error;
        seen.denied += 1;
        return { Messages: [] };
      });
    seen.texts.push(JSON.stringify(Attributes), ...Messages.map(({ Body }) => Body!));
  }
}

test('rule 5.10, no secrets of gates: the queue itself refuses whoever is not its gate, administrators too, whatever their own policies allow', async () => {
  await push('team/app', 'clean', 'waiting');
  const admitted = await deploy(await templateWithTag(SERVICE, 'waiting'));
  const found = await gateQueues();
  expect(found).toHaveLength(2); // and its dead letters
  for (const QueueUrl of found) {
    const tries: [string, (aws: AwsClients) => Promise<unknown>][] = [
      ['receive', ({ sqs }) => sqs.receiveMessage({ QueueUrl })],
      ['send', ({ sqs }) => sqs.sendMessage({ QueueUrl, MessageBody: '{}' })],
      ['purge', ({ sqs }) => sqs.purgeQueue({ QueueUrl })],
    ];
    for (const [what, run] of tries) {
      for (const aws of [reader, cloud()]) {
        expect(
          await run(aws).then(
            () => `may ${what}`,
            (error: Error) => `${error.name} ${error.message}`,
          ),
        ).toMatch(/denied/i);
      }
    }
  }
  await destroy(admitted);
});

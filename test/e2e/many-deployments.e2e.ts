import { cloud, emulator } from './cloud';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { makeRepository, push, quickstart, resource, rowOnce } from './quickstart';
import { STACK } from '../../local/quickstart';

onlyEmulated('the embedded cloud counts the answers to each request');

const AT_ONCE = 60;

beforeAll(quickstart);

test(`${AT_ONCE} stacks ask the gate at once: each request gets one answer, deletions do not wait in the queue, and there is no dead letter (rule 4.7, backpressure and dead letters)`, async () => {
  const repository = await makeRepository();
  const digest = await push(repository, 'clean', 'v1');
  await rowOnce(repository, digest, ({ statement }) => statement !== undefined);
  const [queue, dead] = await Promise.all(
    ['TrustGateDeployments', 'TrustGateDeploymentsDeadLetters'].map(id => resource('AWS::SQS::Queue', id)),
  );
  const names = Array.from({ length: AT_ONCE }, () => uniqueName('at-once'));
  const { cloudformation } = cloud();

  const TemplateBody = asks(repository);
  await Promise.all(names.map(StackName => cloudformation.createStack({ StackName, TemplateBody })));
  await eventually('all stacks', async () => (await statusesOf(names)).every(atRest) || undefined);
  expect(new Set(await statusesOf(names))).toEqual(new Set(['CREATE_COMPLETE']));
  expect(await answersTo(names)).toEqual(Array(AT_ONCE).fill(1));

  const sent = await messagesSent();
  await Promise.all(names.map(StackName => cloudformation.deleteStack({ StackName })));
  await eventually('the end of all stacks', async () => (await statusesOf(names)).length === 0 || undefined);
  expect(await answersTo(names)).toEqual(Array(2 * AT_ONCE).fill(1));
  expect(await messagesSent()).toBe(sent);
  expect([await messagesIn(queue!), await messagesIn(dead!)]).toEqual([0, 0]);
});

/** A stack that asks about one image, as an app of a team does. */
function asks(repository: string): string {
  const { account, region } = cloud();
  const Properties = {
    ServiceToken: `arn:aws:lambda:${region}:${account}:function:TrustedImages-${STACK}`,
    ServiceTimeout: '3600',
    SchemaVersion: '1',
    Account: account,
    Region: region,
    Repository: repository,
    Tag: 'v1',
    Enforcement: 'REFUSE',
  };
  return JSON.stringify({ Resources: { Image: { Type: 'Custom::TrustedImage', Properties } } });
}

const atRest = (status: string) => !status.endsWith('_IN_PROGRESS');

async function statusesOf(names: readonly string[]): Promise<string[]> {
  const { Stacks = [] } = await cloud().cloudformation.describeStacks({});
  return Stacks.filter(({ StackName }) => names.includes(StackName!)).map(each => each.StackStatus!);
}

/** How often each request of these stacks was answered. */
async function answersTo(names: readonly string[]): Promise<number[]> {
  const answers = (await emulator().admin('answers')) as Record<string, number>;
  return Object.entries(answers)
    .filter(([request]) => names.includes(request.split('/')[1]!))
    .map(([, times]) => times);
}

async function messagesSent(): Promise<number> {
  const calls = (await emulator().admin('calls')) as Record<string, number>;
  return calls['sqs SendMessage'] ?? 0;
}

async function messagesIn(QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await cloud().sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
  return (
    Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
  );
}

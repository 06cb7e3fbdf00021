import { emulator, miniStack } from './cloud';
import { makeProject, makeQueue, makeRole, makeRule } from './cloud-fixtures';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { zip } from '../../local/images/zip';
import { FUNCTION_RUNTIME } from '../../src/core/function-runtime';

onlyEmulated('it holds the gateway itself against what AWS documents');

/** A service event that only this test's rules match. */
function draft(): { pattern: object; event: { source: string; detailType: string; detail: object } } {
  const marker = uniqueName('marker');
  return {
    pattern: { source: ['aws.ecr'], detail: { marker: [marker] } },
    event: { source: 'aws.ecr', detailType: 'ECR Image Action', detail: { marker, quoted: 'say "a"' } },
  };
}

describe('a service event', () => {
  test('cannot be put by anybody', async () => {
    const entry = { Source: 'aws.ecr', DetailType: 'ECR Image Action', Detail: '{}' };

    const { Entries } = await miniStack().events.putEvents({ Entries: [entry] });

    // why the gateway plays EventBridge
    expect(Entries).toMatchObject([{ ErrorCode: 'NotAuthorizedForSourceException' }]);
  });

  test('reaches a queue, as the target wants it', async () => {
    const { pattern, event } = draft();
    const queue = await makeQueue();
    await makeRule(pattern, {
      Arn: queue.arn,
      InputTransformer: {
        InputPathsMap: { kind: '$.detail-type', detail: '$.detail', none: '$.detail.none' },
        InputTemplate:
          '{"what": <kind>, "text": "a <kind>", "detail": <detail>, "none": <none>, "raw": "<unknown>"}',
      },
    });

    await emulator().admin('events', event);

    expect(JSON.parse(await queue.receive())).toEqual({
      what: 'ECR Image Action',
      text: 'a ECR Image Action',
      detail: event.detail,
      none: '',
      raw: '<unknown>',
    });
  });

  test('reaches a topic', async () => {
    const { pattern, event } = draft();
    const queue = await makeQueue();
    const { TopicArn } = await emulator().sns.createTopic({ Name: uniqueName('topic') });
    await emulator().sns.subscribe({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: queue.arn,
      Attributes: { RawMessageDelivery: 'true' },
    });
    await makeRule(pattern, { Arn: TopicArn });

    await emulator().admin('events', event);

    expect(JSON.parse(await queue.receive())).toMatchObject({ detail: event.detail });
  });

  test('reaches another bus, and its rules', async () => {
    const { pattern, event } = draft();
    const queue = await makeQueue();
    const Name = uniqueName('bus');
    const { EventBusArn } = await emulator().events.createEventBus({ Name });
    await makeRule(pattern, { Arn: queue.arn }, Name);
    await makeRule(pattern, { Arn: EventBusArn });

    await emulator().admin('events', event);

    expect(JSON.parse(await queue.receive())).toMatchObject({ detail: event.detail });
  });

  test('reaches a state machine', async () => {
    const { sfn } = emulator();
    const { pattern, event } = draft();
    const { stateMachineArn } = await sfn.createStateMachine({
      name: uniqueName('machine'),
      roleArn: await makeRole('states.amazonaws.com'),
      definition: JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Pass', End: true } } }),
    });
    await makeRule(pattern, { Arn: stateMachineArn });

    await emulator().admin('events', event);

    const { executions } = await sfn.listExecutions({ stateMachineArn });
    const { input } = await sfn.describeExecution({ executionArn: executions?.[0].executionArn });
    expect(JSON.parse(input!)).toMatchObject({ detail: event.detail });
  });

  test('reaches a function', async () => {
    const { lambda, logs } = emulator();
    const { pattern, event } = draft();
    const FunctionName = uniqueName('function');
    const { FunctionArn } = await lambda.createFunction({
      FunctionName,
      Runtime: FUNCTION_RUNTIME,
      Handler: 'index.handler',
      Role: await makeRole('lambda.amazonaws.com'),
      Code: {
        ZipFile: new Uint8Array(
          zip({ 'index.js': 'exports.handler = async event => console.log("got " + event.detail.marker);' }),
        ),
      },
    });
    await makeRule(pattern, { Arn: FunctionArn });

    await emulator().admin('events', event);

    await eventually('the line in the log', async () => {
      const { events = [] } = await logs
        .filterLogEvents({ logGroupName: `/aws/lambda/${FunctionName}` })
        .catch(() => ({ events: [] }));
      return events.find(({ message }) =>
        message?.includes(`got ${(event.detail as { marker: string }).marker}`),
      );
    });
  });

  test('starts a build', async () => {
    const { codebuild } = emulator();
    const { pattern, event } = draft();
    const projectName = await makeProject({ version: '0.2', phases: { build: { commands: ['true'] } } });
    const { Name } = await makeRule(pattern, {
      Arn: `arn:aws:codebuild:${emulator().region}:${emulator().account}:project/${projectName}`,
      InputTransformer: {
        InputPathsMap: { marker: '$.detail.marker' },
        InputTemplate: '{"environmentVariablesOverride": [{"name": "MARKER", "value": <marker>}]}',
      },
    });

    await emulator().admin('events', event);

    const { ids } = await codebuild.listBuildsForProject({ projectName });
    const { builds } = await codebuild.batchGetBuilds({ ids });
    expect(builds).toMatchObject([
      {
        initiator: `rule/${Name}`,
        environment: {
          environmentVariables: [
            { name: 'MARKER', ...{ value: (event.detail as { marker: string }).marker } },
          ],
        },
      },
    ]);
  });

  test('that reaches nobody goes to the dead-letter queue of the target', async () => {
    const { pattern, event } = draft();
    const queue = await makeQueue();
    await makeRule(pattern, {
      Arn: `${queue.arn}-gone`,
      DeadLetterConfig: { Arn: queue.arn },
      RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
    });

    await emulator().admin('events', event);

    expect(JSON.parse(await queue.receive())).toMatchObject({ detail: event.detail });
  });

  test('can be lost, doubled, and forged by a test', async () => {
    const { pattern, event } = draft();
    const queue = await makeQueue();
    await makeRule(pattern, { Arn: queue.arn });
    const { admin } = emulator();

    await admin('events/drop', { pattern, times: 1 });
    const { id } = (await admin('events', event)) as { id: string };
    expect(await queue.isEmpty()).toBe(true);

    await admin('events/replay', { id });
    expect(JSON.parse(await queue.receive())).toMatchObject({ id, account: emulator().account });

    await admin('events', { ...event, account: '111111111111', region: 'eu-west-1' });
    expect(JSON.parse(await queue.receive())).toMatchObject({ account: '111111111111', region: 'eu-west-1' });
  });
});

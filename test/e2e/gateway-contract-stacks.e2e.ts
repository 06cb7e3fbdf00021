import { emulator, miniStack } from './cloud';
import { deploy, destroy, makeQueue, makeRole } from './cloud-fixtures';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { awsClients, type AwsClients } from '../../local/cloud/aws-clients';
import { stackResources } from '../../local/cloud/stack-resources';
import { FUNCTION_RUNTIME } from '../../src/core/function-runtime';

onlyEmulated('it holds the gateway itself against what AWS documents');

/** What CloudFormation refuses of an update, and MiniStack carries out. */

const parameter = (Value: unknown) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value },
});
const topic = (TopicName?: string) => ({ Type: 'AWS::SNS::Topic', Properties: { TopicName } });
const statusOf = async (StackName: string) =>
  (await emulator().cloudformation.describeStacks({ StackName })).Stacks![0]!;
const templateOf = async (StackName: string) =>
  JSON.parse((await emulator().cloudformation.getTemplate({ StackName })).TemplateBody!) as unknown;

/** Without the gateway. Returns how it ends. */
async function updateInMiniStack(StackName: string, template: object): Promise<string> {
  const { cloudformation } = miniStack();
  const Capabilities = ['CAPABILITY_IAM' as const];
  await cloudformation.updateStack({ StackName, TemplateBody: JSON.stringify(template), Capabilities });
  return eventually(`the end of ${StackName}`, async () => {
    const { StackStatus: status } = await statusOf(StackName);
    return status!.includes('IN_PROGRESS') ? undefined : status;
  });
}

describe('an export that another stack imports', () => {
  const name = uniqueName('shared');
  const exporter = (Value: unknown, Name: string | undefined = name, more: object = {}) => ({
    Resources: { Topic: topic(), Other: topic(), ...more },
    Outputs: { Shared: { Value, ...(Name !== '' && { Export: { Name } }) } },
  });
  const first = exporter({ Ref: 'Topic' });
  const importer = { Resources: { Uses: parameter({ 'Fn::ImportValue': name }) } };
  let exporting: string;
  let importing: string;

  beforeAll(async () => {
    exporting = await deploy(first);
    importing = await deploy(importer);
  });

  test.each([
    ['removed', exporter({ Ref: 'Topic' }, ''), 'Delete canceled. Cannot delete export'],
    ['renamed', exporter({ Ref: 'Topic' }, `${name}-2`), 'Delete canceled. Cannot delete export'],
    ['changed', exporter({ Ref: 'Other' }), 'Update canceled. Cannot update export'],
  ])('is not %s: the update is rolled back', async (_, template, says) => {
    const { Outputs } = await statusOf(exporting);
    const more = { ...template, Resources: { ...template.Resources, New: topic() } };
    await expect(deploy(more, exporting)).rejects.toThrow(`${says} ${name} as it is in use by ${importing}.`);

    expect(await statusOf(exporting)).toMatchObject({ StackStatus: 'UPDATE_ROLLBACK_COMPLETE', Outputs });
    expect(await templateOf(exporting)).toEqual(first);
    const ids = (await stackResources(emulator(), exporting)).map(each => each.LogicalResourceId);
    expect(ids.sort()).toEqual(['Other', 'Topic']);
  });

  test('may stay where other things change', async () => {
    const template = exporter({ Ref: 'Topic' }, name, { New: topic() });
    await deploy(template, exporting);
    expect(await templateOf(exporting)).toEqual(template);
    await deploy(first, exporting);
  });

  test('keeps its stack from being deleted', async () => {
    await expect(destroy(exporting)).rejects.toThrow(
      `Delete canceled. Cannot delete export ${name} as it is in use by ${importing}.`,
    );
    expect(await templateOf(exporting)).toEqual(first);
  });

  test('is of one stack only, and nobody imports what is not there', async () => {
    await expect(deploy(first)).rejects.toThrow(
      `Export with name ${name} is already exported by stack ${exporting}.`,
    );
    const missing = { Resources: { Uses: parameter({ 'Fn::ImportValue': `${name}-2` }) } };
    await expect(deploy(missing)).rejects.toThrow(`No export named ${name}-2 found`);
  });

  test('is given up by MiniStack, which finds it all the same', async () => {
    expect(await updateInMiniStack(exporting, exporter({ Ref: 'Other' }, ''))).toBe('UPDATE_COMPLETE');
    const { Exports = [] } = await miniStack().cloudformation.listExports({});
    expect(Exports.map(each => each.Name)).toContain(name); // the gap
    await deploy({ Resources: { Uses: parameter('nothing') } }, importing);
    await expect(deploy(importer)).rejects.toThrow(`No export named ${name} found`);
    await destroy(exporting);
  });
});

describe('a custom resource', () => {
  const CODE = `exports.handler = event => fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({
    ...event, Status: event.ResourceProperties.Fails === 'yes' && event.RequestType === 'Update' ? 'FAILED' : 'SUCCESS',
    Reason: 'it fails', PhysicalResourceId: 'mine' }) });`;
  let Role: string;
  const answers = (FunctionName?: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: FUNCTION_RUNTIME,
      Handler: 'index.handler',
      Role,
      Code: { ZipFile: CODE },
      FunctionName,
    },
  });
  const custom = (ServiceToken: unknown, FunctionName?: string) => ({
    Resources: {
      First: answers(FunctionName),
      Second: answers(),
      Custom: { Type: 'Custom::Thing', Properties: { ServiceToken } },
    },
  });
  const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

  beforeAll(async () => {
    Role = await makeRole('lambda.amazonaws.com');
  });

  test('asks whom it asked when it was created', async () => {
    const template = custom(arnOf('First'));
    const StackName = await deploy(template);
    for (const other of [custom(arnOf('Second')), custom(arnOf('First'), uniqueName('renamed'))]) {
      await expect(deploy(other, StackName)).rejects.toThrow('Modifying service token is not allowed.');
      expect((await statusOf(StackName)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(await templateOf(StackName)).toEqual(template);
    }
    // said otherwise
    const first = (await stackResources(emulator(), StackName)).find(
      each => each.LogicalResourceId === 'First',
    )!;
    const { account, region } = emulator();
    await deploy(
      custom(`arn:aws:lambda:${region}:${account}:function:${first.PhysicalResourceId}`),
      StackName,
    );
    expect(await updateInMiniStack(StackName, custom(arnOf('Second')))).toBe('UPDATE_COMPLETE'); // the gap
  });

  test('has the type that it was created with', async () => {
    const template = { Resources: { ...custom(arnOf('First')).Resources, Thing: parameter('x') } };
    const StackName = await deploy(template);
    const other = { Resources: { ...template.Resources, Thing: topic() } };
    await expect(deploy(other, StackName)).rejects.toThrow(
      'Update of resource type is not permitted. The new template modifies resource type of the following resources: [Thing]',
    );
    expect(await templateOf(StackName)).toEqual(template);
    expect(await updateInMiniStack(StackName, other)).toBe('UPDATE_COMPLETE'); // the gap
  });
});

describe('a name', () => {
  const role = (RoleName: string) => ({
    Type: 'AWS::IAM::Role',
    Properties: { RoleName, AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
  });
  const lambda = (FunctionName: string, Role: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: FUNCTION_RUNTIME,
      Handler: 'index.handler',
      Role,
      Code: { ZipFile: '' },
      FunctionName,
    },
  });
  const named: [type: string, make: (name: string) => { Type: string }][] = [
    ['AWS::CloudWatch::Alarm', name => alarm({ AlarmName: name, ...oneMetric })],
    ['AWS::DynamoDB::GlobalTable', name => table(name)],
    ['AWS::IAM::Role', role],
    ['AWS::Lambda::Function', name => lambda(name, 'arn:aws:iam::000000000000:role/nobody')],
    ['AWS::Logs::LogGroup', name => ({ Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: name } })],
    ['AWS::SNS::Topic', topic],
    ['AWS::SQS::Queue', name => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName: name } })],
  ];

  test.each(named)('of a resource of %s has one owner', async (type, make) => {
    const name = uniqueName('named');
    const says = `Resource of type '${type}' with identifier '${name}' already exists.`;
    const StackName = await deploy({ Resources: { First: make(name) } });
    // its own, with something else
    await deploy({ Resources: { First: make(name), Beside: parameter('x') } }, StackName);
    await expect(deploy({ Resources: { Second: make(name) } }, StackName)).rejects.toThrow(says);
    await expect(deploy({ Resources: { First: make(name) } })).rejects.toThrow(says);
    await destroy(StackName);
    await destroy(await deploy({ Resources: { First: make(name) } }));
  });

  test('is not kept by what has to be replaced', async () => {
    const name = uniqueName('named');
    const Path = '/other/';
    const StackName = await deploy({ Resources: { Role: role(name) } });
    const moved = { ...role(name), Properties: { ...role(name).Properties, Path } };
    await expect(deploy({ Resources: { Role: moved } }, StackName)).rejects.toThrow(
      `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`,
    );
  });
});

describe('a role', () => {
  const grant = (Action: string, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });
  const template = (...Statement: object[]) => ({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: `arn:aws:iam::${emulator().account}:root` },
                Action: 'sts:AssumeRole',
              },
            ],
          },
          Policies: [{ PolicyName: 'inline', PolicyDocument: { Version: '2012-10-17', Statement } }],
        },
      },
    },
  });

  /** Clients of the role that the stack has. */
  async function clientsOf(StackName: string): Promise<AwsClients> {
    const [role] = await stackResources(emulator(), StackName);
    const RoleArn = `arn:aws:iam::${emulator().account}:role/${role!.PhysicalResourceId}`;
    const { Credentials: made } = await emulator().sts.assumeRole({ RoleArn, RoleSessionName: 'test' });
    const credentials = {
      accessKeyId: made!.AccessKeyId!,
      secretAccessKey: made!.SecretAccessKey!,
      sessionToken: made!.SessionToken!,
    };
    return awsClients({ ...emulator(), credentials });
  }

  test('may do what its inline policies say, and no more; also after an update', async () => {
    const StackName = await deploy(template(grant('sns:ListTopics')));
    const { sns, sqs } = await clientsOf(StackName);
    await expect(sns.listTopics({})).resolves.toBeDefined();
    await expect(sqs.listQueues({})).rejects.toThrow(/not authorized/);

    await deploy(template(grant('sqs:ListQueues')), StackName);
    await expect(sqs.listQueues({})).resolves.toBeDefined();
    await expect(sns.listTopics({})).rejects.toThrow(/not authorized/);
  });

  test('may do what it may under a condition that MiniStack does not fill in', async () => {
    const Condition = { StringEquals: { 'events:source': 'app' } };
    const given = template(grant('events:PutEvents', { Condition }));
    const StackName = await deploy(given);
    expect(await templateOf(StackName)).toEqual(given);
    const { events } = await clientsOf(StackName);
    const Entries = [{ Source: 'app', DetailType: 'Test', Detail: '{}' }];
    await expect(events.putEvents({ Entries })).resolves.toMatchObject({ FailedEntryCount: 0 });
  });
});

describe('an alarm', () => {
  const metric = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'test', MetricName }, Period: 60, Stat: 'Sum' },
    ReturnData: false,
  });
  const template = (metrics: object[]) => ({
    Resources: { Alarm: alarm({ Metrics: [{ Id: 'e', Expression: 'a + b' }, ...metrics] }) },
  });

  test('on an expression watches the first metric of it, and MiniStack refuses it', async () => {
    const [first, second] = [uniqueName('first'), uniqueName('second')];
    const given = template([metric('a', first), metric('b', second)]);
    const StackName = await deploy(given);
    expect(await templateOf(StackName)).toEqual(given);
    const [{ PhysicalResourceId: name }] = await stackResources(emulator(), StackName);
    const { MetricAlarms } = await emulator().cloudwatch.describeAlarms({ AlarmNames: [name!] });
    expect(MetricAlarms).toMatchObject([{ MetricName: first, Namespace: 'test', Statistic: 'Sum' }]);
    await emulator().cloudwatch.putMetricData({
      Namespace: 'test',
      MetricData: [{ MetricName: first, Value: 2 }],
    });
    await eventually('the alarm', async () => {
      const { MetricAlarms: [alarmed] = [] } = await emulator().cloudwatch.describeAlarms({
        AlarmNames: [name!],
      });
      return alarmed?.StateValue === 'ALARM' ? true : undefined;
    });

    expect(await updateInMiniStack(StackName, given)).toBe('UPDATE_ROLLBACK_COMPLETE'); // the gap
  });

  test('may have no metric but by a search', async () => {
    await deploy(template([]));
  });
});

test('a rule may have a schedule and a pattern, and events come by the pattern', async () => {
  const marker = uniqueName('marker');
  const queue = await makeQueue();
  await deploy({
    Resources: {
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: 'rate(1 hour)',
          EventPattern: { source: ['aws.ecr'], detail: { marker: [marker] } },
          Targets: [{ Id: 'queue', Arn: queue.arn, InputPath: '$.detail.marker' }],
        },
      },
    },
  });
  await emulator().admin('events', { source: 'aws.ecr', detailType: 'Test', detail: { marker } });
  expect(JSON.parse(await queue.receive())).toBe(marker);
});

const oneMetric = { Namespace: 'test', MetricName: 'errors', Statistic: 'Sum', Period: 60 };
const alarm = (properties: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    ...properties,
  },
});
const table = (TableName: string) => ({
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{ Region: 'us-east-1' }],
  },
});

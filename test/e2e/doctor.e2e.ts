import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { cloud, CLOUD_OF_TESTS, description, emulator } from './cloud';
import { limitBuilds, USUAL_BUILDS, usualBuilds } from './cloud-fixtures';
import { CommandLine, credentialsWith } from './command-line';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents, nameOf, push } from './quickstart';
import { bootstrap, cdk } from '../../local/cloud/cdk';
import { startCloud, type Cloud } from '../../local/cloud/cloud';
import { cloudEnvironment, describeCloud } from '../../local/cloud/description';
import { patienceWith } from '../../local/cloud/patience';
import type { ZooName } from '../../local/images/zoo/zoo';
import { serveDatabases } from '../../local/quickstart';
import { ensureTrivy } from '../../local/tools/trivy';
import type { Line } from '../../src/core/doctor/line';
import { FUNCTION_RUNTIME, RUNTIME_DAYS } from '../../src/core/function-runtime';
import { BRAKE_KEY } from '../../src/core/register/revocation-brake';
import { RegisterRow } from '../../src/core/register/row';
import { scanLoad } from '../../src/core/register/scan-load';
import { ScanSlots, SLOTS_KEY } from '../../src/core/register/scan-slots';
import { runCli } from '../cli/run-cli';
import { blocksOf, page } from '../docs/markdown';

/*
 * A cloud of its own: other tests leave dead letters and images without a verdict behind, and this one breaks
 * what they use. Each test repairs what it breaks.
 */

onlyEmulated('it starts a cloud of its own, and breaks what is in it');

interface Statement {
  readonly Effect: string;
  readonly Action: string[];
  readonly Resource: string | string[];
}

const FILE = 'docs/command-line.md';
/** Needed where a quota is not listed, and where repositories are enrolled by a tag. */
const ONLY_SOMETIMES = ['servicequotas:ListAWSDefaultServiceQuotas', 'ecr:ListTagsForResource'];
const STACK = 'Doctor';
const TRAIL = 'account';
const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
let own: Cloud;
let cli: CommandLine;
let trusted: { repository: string; digest: string };

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  own = await startCloud({
    trivy: process.env.LOCAL_TRIVY ?? (await ensureTrivy(() => undefined)),
    lambdaConcurrency: 100,
    logFile: join(folder, 'cloud.log'),
  });
  process.env[CLOUD_OF_TESTS] = JSON.stringify(describeCloud(own));
  await serveDatabases(own);
  await bootstrap(own);
  await cdk(own, ['deploy', '--require-approval=never'], { cwd: join(__dirname, 'apps', 'doctor') });
  await cloud().cloudtrail.createTrail({ Name: TRAIL, S3BucketName: 'trail-of-the-account' });
  await cloud().cloudtrail.startLogging({ Name: TRAIL });
  cli = new CommandLine();
  trusted = await pushed('clean');
  await rowOnce(trusted, ({ signature, statement }) => signature !== undefined && statement !== undefined);
});

afterAll(async () => {
  cli.close();
  await own.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Examined {
  readonly code: number;
  readonly lines: readonly Line[];
}

async function doctor(changes: Record<string, string | undefined> = {}): Promise<Examined> {
  const ended = await cli.run(['doctor', '--json'], { TRUSTED_IMAGES_STACK: STACK, ...changes });
  if (ended.err !== '') throw new Error(`exit code ${ended.code}: ${ended.err}`);
  return { code: ended.code, lines: JSON.parse(ended.out) as Line[] };
}

function bad({ code, lines }: Examined): object {
  return { code, bad: lines.filter(({ state }) => state !== 'ok') };
}
const healthy = { code: 0, bad: [] };
const faulty = (...lines: readonly Partial<Line>[]) => ({
  code: 1,
  bad: lines.map(line => expect.objectContaining({ state: 'found', remedy: expect.any(String), ...line })),
});

async function pushed(image: ZooName): Promise<{ repository: string; digest: string }> {
  const repository = `team/${uniqueName('app')}`;
  await cloud().ecr.createRepository({ repositoryName: repository });
  return { repository, digest: await push(repository, image, 'v1') };
}

async function rowOnce(
  { repository, digest }: { repository: string; digest: string },
  condition: (row: RegisterRow) => boolean,
): Promise<RegisterRow> {
  const TableName = await output('RegisterTableName');
  const look = async () => {
    const Key = { pk: nameOf(repository, digest) };
    const { Item } = await documents().get({ TableName, Key, ConsistentRead: true });
    const row = Item === undefined ? undefined : RegisterRow.parse(Item);
    return row !== undefined && condition(row) ? row : undefined;
  };
  const { verdict, signature } = patienceWith(description());
  return eventually(`the row of ${repository}@${digest}`, look, verdict + signature);
}

async function output(name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: STACK });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

/** The physical ids of all resources of the stack. */
async function resources(): Promise<string[]> {
  const pages = paginateListStackResources({ client: cloud().cloudformation }, { StackName: STACK });
  const found: string[] = [];
  for await (const { StackResourceSummaries: some = [] } of pages) {
    found.push(...some.map(({ PhysicalResourceId }) => PhysicalResourceId ?? ''));
  }
  return found;
}

/** The physical id of a resource, by its logical id without the CDK's hash. */
async function resource(type: string, logicalId: string): Promise<string> {
  const pages = paginateListStackResources({ client: cloud().cloudformation }, { StackName: STACK });
  for await (const { StackResourceSummaries: some = [] } of pages) {
    const found = some.find(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === type && new RegExp(`^${logicalId}[0-9A-F]{8}$`).test(LogicalResourceId!),
    );
    if (found !== undefined) return found.PhysicalResourceId!;
  }
  throw new Error(`the stack has no ${type} ${logicalId}`);
}

test('a healthy stack: nothing is found', async () => {
  expect(bad(await doctor())).toEqual(healthy);
  const ended = await cli.run(['doctor'], { TRUSTED_IMAGES_STACK: STACK });
  expect(ended).toMatchObject({ code: 0, err: '' });
  expect(ended.out).toMatch(
    /^STATE +CHECK +LIMIT +VALUE\nok +deployment probe +passed, [^\n]+ {2}CREATE_COMPLETE at /,
  );
  expect(ended.out).toMatch(/\nok +builds at once +at least 1; [^\n]+ {2}2 by the quota/);
});

describe('the dashboard that CloudWatch has', () => {
  type Shown = [namespace: string, name: string, dimension: string, value: string];
  interface Widget {
    readonly properties: {
      readonly metrics?: (Shown | [{ expression: string }])[];
      readonly alarms?: string[];
      readonly query?: string;
    };
  }
  /**
   * Of what the dashboard may show, this happens here: an image passes, and reconcile runs.
   * `images-dashboard.test.ts` sees that handlers count the rest.
   */
  const HAPPENS = ['ImagesPassed', 'ImagesRefused', 'ImagesUnjudged', 'PushToVerdict', 'VerdictPass'];
  let widgets: readonly Widget['properties'][];
  let shown: readonly Shown[];
  let names: readonly string[];

  beforeAll(async () => {
    const DashboardName = await resource('AWS::CloudWatch::Dashboard', 'Images');
    const { DashboardBody } = await cloud().cloudwatch.getDashboard({ DashboardName });
    const { widgets: all } = JSON.parse(DashboardBody!) as { widgets: Widget[] };
    widgets = all.map(({ properties }) => properties);
    shown = widgets
      .flatMap(({ metrics = [] }) => metrics)
      .filter((metric): metric is Shown => typeof metric[0] === 'string');
    names = (await resources()).map(id => id.split('/').at(-1)!);
  });

  test('shows what functions count, with the dimension that they count with', async () => {
    const reconcile = await resource('AWS::Lambda::Function', 'TrustScannerReconciler');
    await cloud().lambda.invoke({
      FunctionName: reconcile,
      Payload: JSON.stringify({ source: 'aws.events' }),
    });
    const ours = shown.filter(([namespace]) => namespace === 'TrustedImages');
    const dimensions = new Set(ours.map(([, , name, value]) => `${name} ${value}`));
    expect([...dimensions]).toEqual([expect.stringMatching(/^service ./)]);
    const expected = HAPPENS.filter(name => ours.some(([, metric]) => metric === name));
    expect(expected).not.toEqual([]);
    let missing = expected;
    await eventually(
      () => missing.join(', '),
      async () => {
        const counted = await published([...dimensions][0]!);
        missing = expected.filter(name => !counted.has(name));
        return missing.length === 0 ? counted : undefined;
      },
    );
  });

  test('shows queues, a project, alarms and logs of the stack', async () => {
    const ofServices = shown.filter(([namespace]) => namespace !== 'TrustedImages');
    expect(new Set(ofServices.map(([namespace]) => namespace))).toEqual(
      new Set(['AWS/CodeBuild', 'AWS/SQS']),
    );
    expect(ofServices.filter(([, , , value]) => !names.includes(value))).toEqual([]);

    const { MetricAlarms } = await cloud().cloudwatch.describeAlarms({});
    const arns = MetricAlarms!.map(({ AlarmArn }) => AlarmArn!);
    const alarms = widgets.flatMap(({ alarms: some = [] }) => some);
    expect(alarms.length).toBeGreaterThan(5);
    expect(alarms.filter(arn => !arns.includes(arn))).toEqual([]);

    const logs = widgets.flatMap(({ query = '' }) =>
      [...query.matchAll(/SOURCE '([^']+)'/g)].map(([, group]) => group!.split('/').at(-1)!),
    );
    expect(logs).toHaveLength(2);
    expect(logs.filter(group => !names.includes(group))).toEqual([]);
  });

  /** Names of metrics that were written to the logs of the stack with this dimension. */
  async function published(dimension: string): Promise<ReadonlySet<string>> {
    const { logGroups = [] } = await cloud().logs.describeLogGroups({});
    const lines = await Promise.all(
      logGroups.map(({ logGroupName }) => cloud().logs.filterLogEvents({ logGroupName })),
    );
    const counted = lines
      .flatMap(({ events = [] }) => events)
      .flatMap(({ message }) => (message?.includes('"CloudWatchMetrics"') === true ? [message] : []))
      .map(message => JSON.parse(message) as Record<string, unknown> & Embedded)
      .filter(line => `service ${String(line.service)}` === dimension)
      .flatMap(({ _aws }) => _aws.CloudWatchMetrics)
      .filter(
        ({ Namespace, Dimensions }) => Namespace === 'TrustedImages' && String(Dimensions) === 'service',
      );
    return new Set(counted.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)));
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
  interface Embedded {
    readonly _aws: {
      readonly CloudWatchMetrics: readonly {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
        readonly Metrics: readonly { readonly Name: string }[];
      }[];
    };
  }
});

/** In this process, because only there the clock can be another one. */
async function doctorAt(now: Date): Promise<Examined> {
  Object.assign(process.env, cloudEnvironment(own));
  const { code, out, err } = await runCli(['doctor', '--json', '--stack', STACK], folder, {
    environment: process.env,
    now: () => now,
  });
  if (err !== '') throw new Error(`exit code ${code}: ${err}`);
  return { code, lines: JSON.parse(out) as Line[] };
}

describe('rights', () => {
  const [policy] = blocksOf({ file: FILE, text: page(FILE) })
    .filter(({ language, code }) => language === 'json' && code.includes('servicequotas:'))
    .map(({ code }) => JSON.parse(code) as { Statement: Statement[] });
  const statements = () =>
    JSON.parse(
      JSON.stringify(policy!.Statement)
        .replaceAll('111122223333', own.account)
        .replaceAll('eu-west-1', own.region)
        .replaceAll('Trust-', `${STACK}-`)
        .replaceAll('stack/Trust/', `stack/${STACK}/`),
    ) as Statement[];
  const actions = policy!.Statement.flatMap(({ Action }) => Action);

  test('the policy on the page is enough', async () => {
    expect(bad(await doctor(await credentialsWith(statements())))).toEqual(healthy);
  });

  test.each(
    actions.filter(action => !action.startsWith('cloudformation:') && !ONLY_SOMETIMES.includes(action)),
  )('without %s the lines that need it name it', async missing => {
    const fewer = statements()
      .map(statement => ({ ...statement, Action: statement.Action.filter(action => action !== missing) }))
      .filter(({ Action }) => Action.length > 0);
    const { code, lines } = await doctor(await credentialsWith(fewer));
    const unknown = lines.filter(({ state }) => state !== 'ok');
    expect(code).toBe(2);
    expect(unknown.length).toBeGreaterThan(0);
    for (const { state, value, remedy } of unknown) {
      expect([state, value]).toEqual([
        'unknown',
        expect.stringMatching(`^not allowed to read: ${missing} on `),
      ]);
      expect(remedy).toContain(`${missing} on `);
    }
  });

  test('who may not see the stack is told so', async () => {
    const ended = await cli.run(['doctor'], { TRUSTED_IMAGES_STACK: STACK, ...(await credentialsWith([])) });
    expect(ended).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^error: [^\n]*may not ask[^\n]*cloudformation:DescribeStacks[^\n]*\n$/),
    });
  });
});

/** Breaks something, looks, and repairs it. */
async function broken(fault: () => Promise<unknown>, repair: () => Promise<unknown>): Promise<object> {
  await fault();
  try {
    return bad(await doctor());
  } finally {
    await repair();
  }
}

describe('faults', () => {
  test('nobody is notified', async () => {
    const TopicArn = await output('AlertsTopicArn');
    const { Subscriptions } = await cloud().sns.listSubscriptionsByTopic({ TopicArn });
    const { SubscriptionArn, Protocol, Endpoint } = Subscriptions![0]!;
    expect(
      await broken(
        () => cloud().sns.unsubscribe({ SubscriptionArn }),
        () => cloud().sns.subscribe({ TopicArn, Protocol, Endpoint }),
      ),
    ).toEqual(
      faulty({ what: 'subscribers of alerts', value: expect.stringMatching(/^0 confirmed, 0 pending of /) }),
    );
  });

  test('CodeBuild runs no builds', async () => {
    expect(await broken(() => limitBuilds({ maxConcurrent: 0 }), usualBuilds)).toEqual(
      faulty({
        what: 'builds at once',
        value: '0 by the quota "Concurrently running builds for Linux/Small environment"',
      }),
    );
  });

  test('renewals need 90 % of the scans that are possible in a day', async () => {
    const row = { TableName: await output('RegisterTableName'), Key: { pk: SLOTS_KEY } };
    const { Item } = await documents().get({ ...row, ConsistentRead: true });
    const { scanSeconds: measured } = ScanSlots.parse(Item);
    const slow = 90 / scanLoad(1, { atOnce: USUAL_BUILDS.maxConcurrent, scanSeconds: 1 }).percent;
    const measure = (seconds: number) =>
      documents().update({
        ...row,
        UpdateExpression: 'SET scanSeconds = :seconds',
        ExpressionAttributeValues: { ':seconds': seconds },
      });
    expect(
      await broken(
        () => measure(slow),
        () => measure(measured!),
      ),
    ).toEqual(
      faulty({
        what: 'builds at once',
        value: expect.stringMatching(/ renewals a day of \d+ that are possible with 2 at once: 90 %$/),
        remedy: expect.stringMatching(/ to 3 and the option concurrency to 3, /),
      }),
    );
  });

  test('the trail does not log', async () => {
    expect(
      await broken(
        () => cloud().cloudtrail.stopLogging({ Name: TRAIL }),
        () => cloud().cloudtrail.startLogging({ Name: TRAIL }),
      ),
    ).toEqual(faulty({ what: 'trail of calls', value: `${TRAIL} (its logging is stopped)` }));
  });

  test('the trail leaves out AWS KMS', async () => {
    const select = (ExcludeManagementEventSources: string[]) =>
      cloud().cloudtrail.putEventSelectors({
        TrailName: TRAIL,
        EventSelectors: [
          { ReadWriteType: 'All', IncludeManagementEvents: true, ExcludeManagementEventSources },
        ],
      });
    expect(
      await broken(
        () => select(['kms.amazonaws.com']),
        () => select([]),
      ),
    ).toEqual(
      faulty({ what: 'trail of calls', value: `${TRAIL} (without the events of kms.amazonaws.com)` }),
    );
  });

  test.each([
    ['the hourly rule', 'TrustScannerReconcilerHourly'],
    ['the rule for pushes', 'TrustScannerOnPush'],
  ])('%s is disabled', async (_, rule) => {
    const Name = await resource('AWS::Events::Rule', rule);
    expect(
      await broken(
        () => cloud().events.disableRule({ Name }),
        () => cloud().events.enableRule({ Name }),
      ),
    ).toEqual(
      faulty({
        what: 'event rules',
        value: expect.stringMatching(new RegExp(`^${rule}[0-9A-F]{8} \\(DISABLED\\)$`)),
      }),
    );
  });

  test('the runtime is near its end, by the clock of 100 days before', async () => {
    const [{ deprecated }, days] = [RUNTIME_DAYS[FUNCTION_RUNTIME]!, 100];
    const { lines, code } = await doctorAt(new Date(Date.parse(deprecated) - days * 86_400_000));
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.objectContaining({
        what: 'runtimes of functions',
        state: 'found',
        value: `${FUNCTION_RUNTIME}: ${days} days`,
        remedy: expect.stringContaining('newest cdk-trusted-images'),
      }),
    );
  });

  test('others reserve what functions need', async () => {
    const FunctionName = await resource('AWS::Lambda::Function', 'TrustAlertsNotifier');
    expect(
      await broken(
        () => cloud().lambda.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 90 }),
        () => cloud().lambda.deleteFunctionConcurrency({ FunctionName }),
      ),
    ).toEqual(faulty({ what: 'functions at once', value: '10' }));
  });

  test('the gate does not answer', async () => {
    const FunctionName = await resource('AWS::Lambda::Function', 'TrustedImagesGateDoctor');
    expect(
      await broken(
        () => cloud().lambda.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 0 }),
        () => cloud().lambda.deleteFunctionConcurrency({ FunctionName }),
      ),
    ).toEqual(
      faulty({
        what: 'functions',
        value: expect.stringMatching(
          /^cannot be called: TrustedImagesGate\w+ \(its reserved concurrency is 0\)$/,
        ),
      }),
    );
  });

  test('a function is not called by its queue', async () => {
    const { EventSourceMappings } = await cloud().lambda.listEventSourceMappings({
      FunctionName: await resource('AWS::Lambda::Function', 'TrustSigner'),
    });
    const { UUID } = EventSourceMappings![0]!;
    expect(
      await broken(
        () => cloud().lambda.updateEventSourceMapping({ UUID, Enabled: false }),
        () => cloud().lambda.updateEventSourceMapping({ UUID, Enabled: true }),
      ),
    ).toEqual(
      faulty({
        what: 'event sources of functions',
        value: expect.stringMatching(/^not enabled: TrustSigner[0-9A-F]{8} \(Disabl/),
      }),
    );
  });

  test('the rule for verdicts, on a bus of its own, has lost its target', async () => {
    const physicalId = await resource('AWS::Events::Rule', 'TrustEventsSignVerdict');
    const Rule = physicalId.split('|').at(-1)!;
    const EventBusName = await resource('AWS::Events::EventBus', 'TrustEvents');
    const { Targets } = await cloud().events.listTargetsByRule({ Rule, EventBusName });
    expect(
      await broken(
        () => cloud().events.removeTargets({ Rule, EventBusName, Ids: ['Target0'] }),
        () => cloud().events.putTargets({ Rule, EventBusName, Targets }),
      ),
    ).toEqual(
      faulty({
        what: 'event rules',
        value: expect.stringMatching(/^TrustEventsSignVerdict[0-9A-F]{8} \(without its target Target0\)$/),
      }),
    );
  });

  test('dead letters', async () => {
    const QueueUrl = await resource('AWS::SQS::Queue', 'TrustFailuresDeadLetters');
    expect(
      await broken(
        () => cloud().sqs.sendMessage({ QueueUrl, MessageBody: 'test' }),
        () => cloud().sqs.purgeQueue({ QueueUrl }),
      ),
    ).toEqual(
      faulty({
        what: 'dead letters',
        value: expect.stringMatching(/^1 in TrustFailuresDeadLetters[0-9A-F]{8}$/),
      }),
    );
  });

  test('an alarm has no action, and another one went off', async () => {
    const AlarmName = await resource('AWS::CloudWatch::Alarm', 'TrustEvaluatorProvenance');
    const inAlarm = await resource('AWS::CloudWatch::Alarm', 'TrustScannerLate');
    const { MetricAlarms } = await cloud().cloudwatch.describeAlarms({ AlarmNames: [AlarmName] });
    const { AlarmActions, ...alarm } = MetricAlarms![0]!;
    const put = (actions: string[]) =>
      cloud().cloudwatch.putMetricAlarm({
        ...alarm,
        AlarmName,
        EvaluationPeriods: alarm.EvaluationPeriods!,
        ComparisonOperator: alarm.ComparisonOperator!,
        AlarmActions: actions,
      });
    const state = (StateValue: 'ALARM' | 'OK') =>
      cloud().cloudwatch.setAlarmState({ AlarmName: inAlarm, StateValue, StateReason: 'test' });
    expect(
      await broken(
        () => Promise.all([put([]), state('ALARM')]),
        () => Promise.all([put(AlarmActions!), state('OK')]),
      ),
    ).toEqual(
      faulty(
        {
          what: 'actions of alarms',
          value: expect.stringMatching(/^silent: TrustEvaluatorProvenance[0-9A-F]{8}$/),
        },
        { what: 'alarms', value: expect.stringMatching(/^in ALARM: TrustScannerLate[0-9A-F]{8}$/) },
      ),
    );
  });

  test('the brake holds an image', async () => {
    const TableName = await output('RegisterTableName');
    const at = new Date();
    const until = new Date(at.getTime() + 3_600_000).toISOString();
    const pulled = { at: at.toISOString(), until, because: 'more than 20 % of the trusted images failed' };
    const rows = [
      { pk: BRAKE_KEY, failed: {}, counted: [], pulled },
      { pk: nameOf('team/held', `sha256:${'e'.repeat(64)}`), kind: 'image', held: { until } },
    ];
    expect(
      await broken(
        () => Promise.all(rows.map(Item => documents().put({ TableName, Item }))),
        () => Promise.all(rows.map(({ pk }) => documents().delete({ TableName, Key: { pk } }))),
      ),
    ).toEqual(
      faulty({
        what: 'brake on revocations',
        value: `holds 1 image since ${pulled.at}, and ends at ${until}: ${pulled.because}; gates admit the last one until ${until}`,
        remedy: expect.stringContaining('brake release'),
      }),
    );
  });

  test('the signing key is disabled', async () => {
    const KeyId = await resource('AWS::KMS::Key', 'TrustSigningKey');
    expect(
      await broken(
        () => cloud().kms.disableKey({ KeyId }),
        () => cloud().kms.enableKey({ KeyId }),
      ),
    ).toEqual(faulty({ what: 'keys', value: `signing key ${KeyId} (Disabled)` }));
  });

  test('the key of the evidence is going to be deleted', async () => {
    const KeyId = await resource('AWS::KMS::Key', 'TrustEvidenceKey');
    expect(
      await broken(
        () => cloud().kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }),
        async () => {
          await cloud().kms.cancelKeyDeletion({ KeyId });
          await cloud().kms.enableKey({ KeyId });
        },
      ),
    ).toEqual(
      faulty({
        what: 'keys',
        value: expect.stringMatching(
          new RegExp(`^${KeyId} \\(PendingDeletion until \\d{4}-\\d\\d-\\d\\d\\)$`),
        ),
      }),
    );
  });

  test('a database in Amazon ECR is gone', async () => {
    const repositoryName = 'aquasecurity/trivy-java-db';
    expect(
      await broken(
        () => cloud().ecr.batchDeleteImage({ repositoryName, imageIds: [{ imageTag: '1' }] }),
        () => serveDatabases(own),
      ),
    ).toEqual(
      faulty({
        what: 'databases in Amazon ECR',
        value: expect.stringMatching(/aquasecurity\/trivy-java-db:1 \(not there\)$/),
      }),
    );
  });

  test('a stale database: the scan fails, and the line says so', async () => {
    const days = (count: number) => new Date(Date.now() - count * 86_400_000);
    await serveDatabases(own, undefined, days(5));
    const image = await pushed('clean');
    await rowOnce(image, ({ lastFailedScan }) => lastFailedScan !== undefined);
    const examined = bad(await doctor());
    await serveDatabases(own);
    await cloud().ecr.deleteRepository({ repositoryName: image.repository, force: true });
    const TableName = await output('RegisterTableName');
    await documents().delete({ TableName, Key: { pk: nameOf(image.repository, image.digest) } });
    expect(examined).toEqual(
      faulty(
        {
          what: 'vulnerability database',
          value: expect.stringMatching(/ last scan; last scan of 1 images DATABASE_STALE$/),
        },
        {
          what: 'images with a verdict',
          value: expect.stringMatching(
            new RegExp(
              `^1 without one: ${image.repository}@${image.digest.slice(0, 19)} \\(DATABASE_STALE\\); `,
            ),
          ),
        },
      ),
    );
  });

  test('a push that nobody heard of, by the clock of twenty minutes later', async () => {
    await emulator().admin('events/drop', {
      pattern: { 'detail-type': ['ECR Image Action'], detail: { 'image-tag': ['v1'] } },
      times: 2,
    });
    const { repository, digest } = await pushed('root');
    await emulator().admin('events/drop', undefined, 'DELETE');
    const later = new Date(Date.now() + 20 * 60_000);
    const { lines, code } = await doctorAt(later);
    await cloud().ecr.deleteRepository({ repositoryName: repository, force: true });
    const named = `${repository}@${digest.slice(0, 19)}`;
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.objectContaining({
        what: 'pushes heard',
        state: 'found',
        value: expect.stringContaining(`${named} 20 minutes ago`),
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({
        what: 'images with a verdict',
        state: 'found',
        value: expect.stringContaining(`${named} (never scanned)`),
      }),
    );
  });

  test('the bundle of a trusted image is deleted, and its .sig', async () => {
    const { repository: repositoryName, digest } = trusted;
    const { referrers = [] } = await cloud().ecr.listImageReferrers({
      repositoryName,
      subjectId: { imageDigest: digest },
    });
    const imageIds = referrers.map(referrer => ({ imageDigest: referrer.digest }));
    expect(imageIds).toHaveLength(1);
    await cloud().ecr.batchDeleteImage({ repositoryName, imageIds });
    const line = (value: string) =>
      faulty({ what: 'signatures in the registry', value: expect.stringContaining(value) });
    const named = `${repositoryName}@${digest.slice(0, 19)}`;
    expect(bad(await doctor())).toEqual(line(`1 are gone: ${named} (bundle); 1 signed images`));

    const imageTag = `${digest.replace(':', '-')}.sig`;
    await cloud().ecr.batchDeleteImage({ repositoryName, imageIds: [{ imageTag }] });
    expect(bad(await doctor())).toEqual(line(`2 are gone: ${named} (bundle), ${named} (.sig); 1 signed`));

    await cloud().ecr.deleteRepository({ repositoryName, force: true });
    expect(bad(await doctor())).toEqual(healthy);
  });
});

test('nothing is left of the faults, and a push that has waited for more than an hour is found', async () => {
  expect(bad(await doctor())).toEqual(healthy);
  const { Environment } = await cloud().lambda.getFunctionConfiguration({
    FunctionName: await resource('AWS::Lambda::Function', 'TrustScannerDispatcher'),
  });
  const Dimensions = [{ Name: 'service', Value: Environment!.Variables!.POWERTOOLS_SERVICE_NAME! }];
  const put = (MetricName: string, Value: number) =>
    cloud().cloudwatch.putMetricData({
      Namespace: 'TrustedImages',
      MetricData: [{ MetricName, Dimensions, Value }],
    });
  await put('ScansLate', 2);
  const { code, lines } = await doctor();
  expect(code).toBe(1);
  // the alarm about it may go off too
  expect(lines.filter(({ what, state }) => state !== 'ok' && what !== 'alarms')).toEqual([
    expect.objectContaining({
      what: 'oldest waiting push or deployment',
      state: 'found',
      value: expect.stringMatching(/one was late in the last half hour; /),
    }),
    expect.objectContaining({
      what: 'oldest waiting renewal or old image',
      state: 'unknown',
      value: expect.stringMatching(/; a push is late, which hides whether renewals are$/),
    }),
  ]);
});

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onlyEmulated } from './only-emulated';
import type { Report } from '../../aws-check/page';
import { awsClients } from '../../local/cloud/aws-clients';
import { startCloud, type Cloud } from '../../local/cloud/cloud';
import { serveDatabases } from '../../local/quickstart';
import { ensureTrivy } from '../../local/tools/trivy';

onlyEmulated('it runs the check itself, in a cloud of its own');

const ROOT = join(__dirname, '..', '..');

/**
 * What MiniStack does not do, as docs/not-run-on-aws.md says. A check that finds nothing here could find
 * nothing on AWS either.
 */
const DO_NOT_HOLD_HERE = [5, 6, 8, 18, 20, 25];

let cloud: Cloud;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aws-check-'));
  const trivy = await ensureTrivy(() => undefined);
  cloud = await startCloud({ trivy, logFile: join(ROOT, 'test-reports', 'aws-check-cloud.log') });
  await serveDatabases(cloud); // the place of public.ecr.aws, which is there before any check
});
afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/** As a reader starts it, with the keys of the cloud in the environment. */
function check(...args: string[]): Running {
  // one process: that which is ended is the check itself
  const program = ['--import', 'tsx', join(ROOT, 'aws-check', 'main.ts'), '--folder', folder];
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: ROOT,
    env: { ...environment(), ...cloud.env(), AWS_ENDPOINT_URL: undefined, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  }
  const ended = new Promise<number | null>(resolve => child.on('close', code => resolve(code)));
  return { child, said: () => text, ended };
}

/** Not of this test's own run: the check is to start as from a shell. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:TEST_CLOUD|NODE_OPTIONS|JEST_.*|AWS_.*)$/.test(name),
    ),
  );
}

/** Ends it as a crash of the machine would, once it said something. */
async function killAfter({ child, said, ended }: Running, line: string): Promise<void> {
  await Promise.race([
    ended,
    new Promise<void>(resolve => {
      const look = () => said().includes(line) && resolve();
      child.stdout!.on('data', look);
      child.stderr!.on('data', look);
    }),
  ]);
  expect(said()).toContain(line);
  child.kill('SIGKILL');
  await ended;
}

/** Everything that the account has. */
async function inventory(): Promise<Record<string, string[]>> {
  const aws = awsClients(cloud);
  const { Keys = [] } = await aws.kms.listKeys({});
  const keys = await Promise.all(Keys.map(({ KeyId }) => aws.kms.describeKey({ KeyId })));
  const all = {
    stacks: (await aws.cloudformation.describeStacks({})).Stacks?.map(({ StackName }) => StackName),
    buckets: (await aws.s3.listBuckets({})).Buckets?.map(({ Name }) => Name),
    tables: (await aws.dynamodb.listTables({})).TableNames,
    repositories: (await aws.ecr.describeRepositories({})).repositories?.map(each => each.repositoryName),
    queues: (await aws.sqs.listQueues({})).QueueUrls,
    topics: (await aws.sns.listTopics({})).Topics?.map(({ TopicArn }) => TopicArn),
    rules: (await aws.events.listRules({})).Rules?.map(({ Name }) => Name),
    buses: (await aws.events.listEventBuses({})).EventBuses?.map(({ Name }) => Name),
    roles: (await aws.iam.listRoles({})).Roles?.map(({ RoleName }) => RoleName),
    clusters: (await aws.ecs.listClusters({})).clusterArns,
    taskDefinitions: (await aws.ecs.listTaskDefinitions({ status: 'ACTIVE' })).taskDefinitionArns,
    alarms: (await aws.cloudwatch.describeAlarms({})).MetricAlarms?.map(({ AlarmName }) => AlarmName),
    projects: (await aws.codebuild.listProjects({})).projects,
    functions: (await aws.lambda.listFunctions({})).Functions?.map(({ FunctionName }) => FunctionName),
    logGroups: (await aws.logs.describeLogGroups({})).logGroups?.map(({ logGroupName }) => logGroupName),
    parameters: (await aws.ssm.describeParameters({})).Parameters?.map(({ Name }) => Name),
    aliases: (await aws.kms.listAliases({})).Aliases?.map(({ AliasName }) => AliasName),
    keys: keys.map(({ KeyMetadata: key }) => (key!.KeyState === 'PendingDeletion' ? undefined : key!.KeyId)),
  };
  return Object.fromEntries(
    Object.entries(all).map(([kind, ids = []]) => [kind, ids.filter(id => id !== undefined).sort()]),
  );
}

test('without --yes, nobody who agrees: nothing is made', async () => {
  const before = await inventory();
  const asked = check('--endpoint', cloud.endpoint);
  expect(await asked.ended).toBe(2);
  expect(asked.said()).toMatch(/It costs about \d+\.\d\d US dollars and \d+ minutes/);
  expect(await inventory()).toEqual(before);
  expect(readdirSync(folder)).toEqual([]);
});

test('the whole check, ended twice by kill -9 and resumed: it says what held, and leaves nothing behind', async () => {
  const before = await inventory();
  await killAfter(
    check('--endpoint', cloud.endpoint, '--yes', '--suites', 'failures,roles'),
    'bootstrap: done',
  );
  const again = check('--endpoint', cloud.endpoint, '--yes');
  expect(await again.ended).toBe(2);
  expect(again.said()).toContain('give --resume to go on with it, or --clean to remove what it made');

  await killAfter(check('--resume'), 'tests: failures …');
  expect((await inventory()).stacks).toContain('Quickstart');
  const last = check('--resume');
  const code = await last.ended;

  expect(last.said()).not.toContain('bootstrap …'); // it went on where it was
  const text = readFileSync(join(folder, 'aws-check.json'), 'utf8');
  const report = JSON.parse(text) as Report;
  const failing = report.checks.filter(({ parts }) => parts.some(part => part.outcome === 'did not hold'));
  expect(failing.filter(({ number }) => !DO_NOT_HOLD_HERE.includes(number))).toEqual([]); // with its reason
  expect(failing.map(({ number }) => number)).toEqual(DO_NOT_HOLD_HERE);
  expect(code).toBe(1); // because of them
  expect(report.suites.failures).toMatchObject({
    passed: 1,
    failed: [],
    skipped: { 'registries, builds and databases are made to fail on purpose': expect.any(Number) as number },
  });
  expect(report.suites.roles).toMatchObject({ failed: [], skipped: {} });
  expect(report.suites.roles!.passed).toBeGreaterThan(100);

  const page = readFileSync(join(folder, 'aws-check.md'), 'utf8');
  for (const written of [text, page]) {
    expect(written).not.toContain(cloud.account);
    expect(written).not.toContain(cloud.credentials.accessKeyId);
    expect(written).not.toContain(cloud.credentials.secretAccessKey);
  }
  expect(page).toContain('nothing of this ran on AWS');

  expect(report.left).toEqual([]);
  expect(await inventory()).toEqual(before);
  expect(existsSync(join(folder, 'aws-check.state.json'))).toBe(false);
});

/** What a check says of a number, part for part. */
const outcomesOf = ({ checks }: Report, wanted: number) =>
  checks.find(({ number }) => number === wanted)!.parts.map(({ outcome, why }) => `${outcome}: ${why}`);

test('the second app, ended by kill -9 and resumed: what the embedded cloud has of it holds, the rest is left out by name, and nothing is left behind', async () => {
  const before = await inventory();
  const begun = check('--endpoint', cloud.endpoint, '--yes', '--suites', '', '--second-app');
  await killAfter(begun, ':good: PASS');
  expect(begun.said()).toMatch(/The second app is \d+ of the builds and \d+ of the minutes/);
  expect(begun.said()).toContain('the quota "Stack count" of cloudformation: 2000, in use: 0, needed: 8');
  const run = check('--resume');
  await run.ended;
  const report = JSON.parse(readFileSync(join(folder, 'aws-check.json'), 'utf8')) as Report;
  const started = (text: string) => expect.stringMatching(new RegExp(`^${text}`)) as string;
  expect(outcomesOf(report, 34)).toEqual([started('held'), started('not checked')]);
  expect(outcomesOf(report, 15)[0]).toMatch(/^held: the evaluator found the engine/);
  expect(outcomesOf(report, 26)[0]).toMatch(/^held: the team deployed what the next key signed/);
  expect(outcomesOf(report, 31).slice(0, 2)).toEqual([started('held'), started('held')]);
  expect(outcomesOf(report, 36).slice(0, 2)).toEqual([started('held'), started('held')]);
  for (const what of [
    "Trivy's image in the cache",
    'the hook that the stack of the service has',
    'the times of',
  ]) {
    expect(run.said()).toContain(`left out on the embedded cloud: ${what}`);
  }
  expect(report.left).toEqual([]);
  expect(await inventory()).toEqual(before);
});

test('--clean removes what an interrupted check made', async () => {
  const before = await inventory();
  await killAfter(check('--endpoint', cloud.endpoint, '--yes', '--suites', 'roles'), 'quickstart …');
  const cleaned = check('--clean');
  expect(await cleaned.ended).toBe(0);
  expect(await inventory()).toEqual(before);
});

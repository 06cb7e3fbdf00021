import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { CommandLine } from './command-line';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { digestOf, pushTinyImage, tinyImage } from './tiny-image';
import { inParallel } from '../../adapters/in-parallel';
import { AwsClients, awsClients } from '../../local/cloud/aws-clients';
import { Cloud, startCloud } from '../../local/cloud/cloud';
import { cloudEnvironment } from '../../local/cloud/description';
import { loginTo } from '../../local/cloud/registry-login';
import { follow } from '../../local/demo/follow';
import { pushImage } from '../../local/images/push';
import { zooImage, ZooName } from '../../local/images/zoo/zoo';
import { Progress } from '../../local/progress';
import { prepareQuickstart, QuickstartOutputs, STACK } from '../../local/quickstart';
import { ensureTrivy } from '../../local/tools/trivy';
import type { Line } from '../../src/core/doctor/line';
import { imageName } from '../../src/core/image/image';
import { RegisterRow } from '../../src/core/register/row';

onlyEmulated('it starts a cloud of its own, with the quotas of a new account');

/*
 * A cloud of its own, as a new account may be: CodeBuild runs one build at a time and lets none wait, and ten
 * functions run at once.
 */

interface Event {
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const folder = mkdtempSync(join(tmpdir(), 'new-account-'));
let cloud: Cloud;
let aws: AwsClients;
let outputs: QuickstartOutputs;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  cloud = await startCloud({
    trivy: process.env.LOCAL_TRIVY ?? (await ensureTrivy(() => undefined)),
    maxConcurrentBuilds: 1,
    maxQueuedBuilds: 0,
    lambdaConcurrency: 10,
    logFile: join(folder, 'cloud.log'),
  });
  aws = awsClients(cloud);
  outputs = await prepareQuickstart(cloud, new Progress(() => undefined));
});

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function push(image: ZooName): Promise<{ repository: string; digest: string }> {
  const repository = `team/${uniqueName('app')}`;
  await aws.ecr.createRepository({ repositoryName: repository });
  return {
    repository,
    digest: await pushImage(await loginTo(cloud), repository, 'v1', await zooImage(image)),
  };
}

async function outcomeOf({ repository, digest }: { repository: string; digest: string }): Promise<string> {
  return (await follow(cloud, outputs.RegisterTableName, repository, digest, 300)).outcome;
}

/** Begin and end of each build, by the repository of its image, in order. */
async function builds(): Promise<{ repository: string; begins: boolean }[]> {
  const { sent } = (await cloud.admin('events')) as { sent: Event[] };
  return sent
    .filter(event => event['detail-type'] === 'CodeBuild Build State Change')
    .flatMap(({ detail }) => {
      const [repository] = /team\/app-[0-9a-f]+/.exec(JSON.stringify(detail)) ?? []; // the probe's has another name
      return repository === undefined
        ? []
        : [{ repository, begins: detail['build-status'] === 'IN_PROGRESS' }];
    });
}

async function resource(type: string, logicalId: string): Promise<string> {
  const { StackResources = [] } = await aws.cloudformation.describeStackResources({ StackName: STACK });
  return StackResources.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === type && LogicalResourceId!.slice(0, -8) === logicalId,
  )!.PhysicalResourceId!;
}

/** As reconcile requests images that are older than any event. */
async function enrol(images: readonly { repository: string; digest: string }[]): Promise<void> {
  const QueueUrl = await resource('AWS::SQS::Queue', 'TrustScannerBackground');
  const { account, region } = cloud;
  const at = new Date().toISOString();
  for (let first = 0; first < images.length; first += 10) {
    await aws.sqs.sendMessageBatch({
      QueueUrl,
      Entries: images.slice(first, first + 10).map((each, number) => ({
        Id: String(number),
        MessageBody: JSON.stringify({
          version: 1,
          image: imageName({ account, region, ...each }),
          reason: 'enrolment',
          at,
        }),
      })),
    });
  }
}

async function dispatcherLog(): Promise<Record<string, unknown>[]> {
  const FunctionName = await resource('AWS::Lambda::Function', 'TrustScannerDispatcher');
  const { LoggingConfig } = await aws.lambda.getFunctionConfiguration({ FunctionName });
  const { events = [] } = await aws.logs.filterLogEvents({ logGroupName: LoggingConfig!.LogGroup });
  return events.flatMap(({ message }) => {
    try {
      return [JSON.parse(message!) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}

/** What `doctor` says of what may run. */
async function doctor(): Promise<unknown[]> {
  const cli = new CommandLine();
  try {
    const { out } = await cli.run(['doctor', '--json', '--stack', STACK], cloudEnvironment(cloud));
    const lines = JSON.parse(out) as Line[];
    return lines
      .filter(({ what }) => what === 'builds at once' || what === 'functions at once')
      .map(({ what, state, value }) => [what, state, value]);
  } finally {
    cli.close();
  }
}

test('a fresh stack deploys, and without a limit of the project', async () => {
  const name = await resource('AWS::CodeBuild::Project', 'TrustScannerProject');
  const { projects } = await aws.codebuild.batchGetProjects({ names: [name] });
  expect(projects![0]).not.toHaveProperty('concurrentBuildLimit');
});

test('rule 4.12, turns: images are scanned one after the other, and what waits says so', async () => {
  const images = [await push('clean'), await push('root'), await push('fixable-critical')];
  expect(await Promise.all(images.map(outcomeOf))).toEqual(['PASS', 'FAIL', 'FAIL']);

  let running = 0;
  for (const { begins } of await builds()) {
    running += begins ? 1 : -1;
    expect(running).toBeLessThanOrEqual(1);
  }
  const waits = (await dispatcherLog()).filter(({ message }) => message === 'deferred');
  expect(waits).toContainEqual(
    expect.objectContaining({
      why: expect.stringMatching(
        /^CodeBuild takes no more builds now$|^1 of \d+ scans are under way; before/,
      ),
      ageSeconds: expect.any(Number),
    }),
  );
});

test('rule 4.12, turns: with old images enrolled at once, a push is next', async () => {
  // pushes that nobody heard of
  await cloud.admin('events/drop', {
    pattern: { 'detail-type': ['ECR Image Action'], detail: { 'image-tag': ['v1'] } },
    times: 6,
  });
  const old = await Promise.all(Array.from({ length: 6 }, () => push('root')));
  await cloud.admin('events/drop', undefined, 'DELETE');
  await enrol(old);
  await eventually('the first of the old images', async () =>
    (await builds()).some(({ repository }) => old.some(each => each.repository === repository))
      ? true
      : undefined,
  );

  const pushed = await push('clean');
  const before = (await builds()).length;
  expect(await outcomeOf(pushed)).toBe('PASS');
  const begun = (await builds()).slice(before).filter(({ begins }) => begins);
  const place = begun.findIndex(({ repository }) => repository === pushed.repository);
  expect(place).toBeLessThanOrEqual(1);
  expect(await Promise.all(old.map(outcomeOf))).toEqual(new Array(6).fill('FAIL'));
});

test('rule 4.4, failed scans keep the verdict: an account without builds is a failed scan at once, with the cause', async () => {
  await cloud.admin('builds', { maxConcurrent: 0, maxQueued: 0 });
  const image = await push('clean');
  expect(await outcomeOf(image)).toBe('ERROR');
  const { account, region } = cloud;
  const pk = imageName({ account, region, ...image });
  const { Item } = await DynamoDBDocument.from(aws.dynamodb).get({
    TableName: outputs.RegisterTableName,
    Key: { pk },
    ConsistentRead: true,
  });
  expect(RegisterRow.parse(Item).lastFailedScan).toMatchObject({
    cause: 'BUILD_QUOTA_ZERO',
    detail:
      'CodeBuild takes no builds of this account: Cannot have more than 0 builds in queue for the account',
  });
  expect(await doctor()).toEqual([
    [
      'builds at once',
      'found',
      expect.stringMatching(/^0 by the quota "Concurrently running builds for Linux/),
    ],
    ['functions at once', 'found', '10'],
  ]);

  await cloud.admin('builds', { maxConcurrent: 1, maxQueued: 0 });
  const QueueUrl = await resource('AWS::SQS::Queue', 'TrustScannerRequests');
  const request = { version: 1, image: pk, reason: 'request', at: new Date().toISOString() };
  await aws.sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify(request) });
  await eventually('the verdict', async () => ((await outcomeOf(image)) === 'PASS' ? true : undefined));
});

test('rule 4.12, turns: with 5,000 old images enrolled at once and two builds at a time, a push is next', async () => {
  await cloud.admin('builds', { maxConcurrent: 2, maxQueued: 0 });
  const old = await oldImages(50, 100);
  await enrol(old);
  const begun = async () => (await builds()).filter(({ begins }) => begins).map(each => each.repository);
  await eventually('some of the old images', async () => ((await begun()).length > 4 ? true : undefined));

  const before = (await begun()).length;
  const pushed = await push('clean');
  expect(await outcomeOf(pushed)).toBe('PASS');
  expect((await begun()).slice(before, before + 2)).toContain(pushed.repository);
  await aws.sqs.purgeQueue({ QueueUrl: await resource('AWS::SQS::Queue', 'TrustScannerBackground') });
});

/** Pushes that nobody heard of. Their builds have no length: the reader of images refuses them at once. */
async function oldImages(
  repositories: number,
  ofEach: number,
): Promise<{ repository: string; digest: string }[]> {
  const { blobs, manifest } = tinyImage('no tar');
  const names = Array.from({ length: repositories }, () => `team/${uniqueName('app')}`);
  await cloud.admin('events/drop', {
    pattern: { 'detail-type': ['ECR Image Action'], detail: { 'repository-name': names } },
    times: repositories * ofEach,
  });
  return inParallel(4, names, async repository => {
    await aws.ecr.createRepository({ repositoryName: repository });
    const digests: string[] = [];
    for (let number = 0; number < ofEach; number++) {
      const unlike = JSON.stringify({ ...JSON.parse(manifest), annotations: { number: String(number) } });
      const digest = digestOf(Buffer.from(unlike));
      await pushTinyImage(cloud.endpoint, repository, digest, {
        blobs: number === 0 ? blobs : [],
        manifest: unlike,
        digest,
      });
      digests.push(digest);
    }
    return digests.map(digest => ({ repository, digest }));
  }).then(images => images.flat());
}

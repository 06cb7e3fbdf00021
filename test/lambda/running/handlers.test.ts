import { createHash } from 'node:crypto';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EnvironmentName } from '../../../src/core/environment';
import type { RevocationEvent } from '../../../src/core/events/revocation-events';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { callEvent, DIGEST, taskEvent, ways } from '../../core/running/events';
import { AwsServices, type AwsAnswers } from '../../support/aws-services';
import { sqsEvent } from '../../support/sqs-event';
import { World } from '../../use-cases/world';
import { STATES, uriOf } from '../../use-cases/world/service-gate';

/**
 * Both handlers as they are deployed, but for the register, the keys and the policy, which are the world's,
 * and for what they send. Amazon ECS, AWS Lambda, AWS Batch, Amazon ECR and Amazon SQS are one server, which
 * their real clients ask.
 */
type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const CONTEXT = {
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:watch',
  getRemainingTimeInMillis: () => 60_000,
} as Context;
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:resize';
const [TRUSTED, REVOKED] = [STATES[0]![2], STATES[2]![2]];

let world: World;
let aws: AwsServices;
let alerts: { subject: string; body: string }[];
let published: RevocationEvent[];
let counted: Map<string, number>;

beforeEach(async () => {
  world = new World();
  world.signs = true;
  aws = await AwsServices.start();
  [alerts, published, counted] = [[], [], new Map()];
  for (const name of Object.values(EnvironmentName)) process.env[name] = '1';
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    [EnvironmentName.alertTopics]: '[{"arn":"arn:aws:sns:us-east-1:000000000000:team","format":"TEXT"}]',
    [EnvironmentName.allowedDigests]: '[]',
    [EnvironmentName.repositories]: '[{"by":"all"}]',
    [EnvironmentName.queue]: `${aws.endpoint}/0/events`,
    [EnvironmentName.deadLetterQueue]: `${aws.endpoint}/0/dead`,
  });
  for (const name of [EnvironmentName.grants, EnvironmentName.trustOwner]) delete process.env[name];
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
  for (const level of ['info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockReturnValue(undefined);
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    delete process.env[name];
  }
  return aws.stop();
});

/** Handlers make their clients when they are loaded. */
function load(name: string): Handler {
  jest.resetModules();
  jest.useFakeTimers({
    now: world.now,
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout'],
  });
  const mock = (file: string, parts: object) => jest.doMock(`../../../adapters/aws/${file}`, () => parts);
  mock('trust-register', {
    TrustRegister: class {
      public load = (image: ImageName) => world.register.load(image);
    },
  });
  mock('kms-keys', {
    KmsKeys: class {
      public all = async () => [world.signer.current];
    },
  });
  mock('policy-table', { policyPointers: () => ({ policy: async () => world.policy }) });
  const sent = new Set<string>();
  mock('sent-alerts', {
    SentAlerts: class {
      public during = () => undefined;
      public once = (key: string, act: () => Promise<void>) => this.first(key, act);
      public first = async (key: string, act: () => Promise<void>) => {
        if (!sent.has(key)) await act();
        sent.add(key);
      };
    },
  });
  const topic = {
    arn: 'team',
    format: 'TEXT',
    publish: async (message: { subject: string; body: string }) => void alerts.push(message),
  };
  mock('sns-topic', { SnsTopic: { all: () => [topic] } });
  mock('event-bus', {
    EventBus: class {
      public publish = async (event: RevocationEvent) => void published.push(event);
    },
  });
  mock('telemetry', {
    ...jest.requireActual('../../../adapters/aws/telemetry'),
    count: (metric: string, value = 1) => counted.set(metric, (counted.get(metric) ?? 0) + value),
  });
  return (require(`../../../lambda/running/${name}.lambda`) as { handler: Handler }).handler; // eslint-disable-line @typescript-eslint/no-require-imports
}

function messages(...bodies: unknown[]): SQSEvent {
  return sqsEvent(bodies, world.now);
}

/** The client compares the hash. */
const QUEUE: AwsAnswers = {
  SendMessage: ({ body }) => ({
    MessageId: '1',
    MD5OfMessageBody: createHash('md5').update(body.MessageBody).digest('hex'),
  }),
};
const DONE = { batchItemFailures: [] };

describe('the run watcher', () => {
  const answersFor = (uri: string): AwsAnswers => {
    const [reference, digest] = uri.split('@');
    return {
      DescribeTaskDefinition: () => ({
        taskDefinition: { containerDefinitions: [{ name: 'web', image: uri }] },
      }),
      DescribeImages: () => ({ imageDetails: [{ imageDigest: digest }] }),
      [`GET /2015-03-31/functions/${FUNCTION}`]: () => ({
        Configuration: { PackageType: 'Image' },
        Code: { ImageUri: `${reference}:v1`, ResolvedImageUri: uri },
      }),
      'POST /v1/describejobdefinitions': () => ({
        jobDefinitions: [{ jobDefinitionName: 'night', revision: 1, containerProperties: { image: uri } }],
      }),
    };
  };

  test.each<[string, string]>([
    ['ecs:RunTask', 'DescribeTaskDefinition'],
    ['ecs:UpdateService', 'DescribeTaskDefinition'],
    ['lambda:UpdateFunctionCode', `GET /2015-03-31/functions/${FUNCTION}`],
    ['batch:SubmitJob', 'POST /v1/describejobdefinitions'],
  ])('rule 5.12, watchers: of %s it asks the service what runs, and the register', async (way, operation) => {
    const watch = load('watch-runs');
    aws.answers = answersFor(uriOf(await TRUSTED(world)));
    expect(await watch(messages(ways('')[way]), CONTEXT)).toEqual(DONE);
    expect(aws.asked(operation)).toHaveLength(1);
    expect([alerts, [...counted.keys()]]).toEqual([[], []]);

    const image = await REVOKED(world);
    aws.answers = answersFor(uriOf(image));
    expect(await watch(messages(ways('')[way]), CONTEXT)).toEqual(DONE);
    expect(alerts).toEqual([
      expect.objectContaining({ body: expect.stringContaining(`${image} is refused: it was trusted`) }),
    ]);
    expect(counted.get('RunsWithoutTrust')).toBe(1);
  });

  test('rule 5.12, watchers: a tag that an event names is resolved in the registry', async () => {
    const watch = load('watch-runs');
    const image = await REVOKED(world);
    aws.answers = answersFor(uriOf(image));
    const tag = `${uriOf(image).split('@')[0]}:v1`;
    expect(await watch(messages(taskEvent([{ image: tag }])), CONTEXT)).toEqual(DONE);
    expect(alerts).toHaveLength(1);
    expect(aws.asked('DescribeImages')).toMatchObject([
      { repositoryName: imageOf(image).repository, imageIds: [{ imageTag: 'v1' }] },
    ]);
  });

  test('rule 5.12, watchers: an event that cannot be read is an alert, and keeps no other back', async () => {
    const watch = load('watch-runs');
    const bad = taskEvent([{ image: `docker.io/library/nginx@${DIGEST}` }]);
    expect(await watch(messages({ foo: 1 }, callEvent('ecs', 'RunTask', null), bad), CONTEXT)).toEqual(DONE);
    expect(alerts.map(({ body }) => body.split('\n')[0]).sort()).toEqual([
      'could not be read: an event',
      'could not be read: ecs:RunTask',
      expect.stringContaining('runs without trust: service web'),
    ]);
    expect(counted.get('RunsWithoutTrust')).toBe(3);
  });

  test('what a service does not say goes back to the queue, and is told by nobody as trusted', async () => {
    const watch = load('watch-runs');
    aws.answers = QUEUE;
    expect(await watch(messages(ways('')['batch:SubmitJob']), CONTEXT)).toEqual(DONE);
    expect(aws.asked('SendMessage')).toMatchObject([
      { QueueUrl: process.env[EnvironmentName.queue], MessageAttributes: { Failures: { StringValue: '1' } } },
    ]);
  });
});

describe('the revocation watcher', () => {
  /** The row of the stacks that import the trust. */
  const importedBy =
    (...places: string[]): AwsAnswers[string] =>
    ({ body }) => {
      expect(body).toMatchObject({ Key: { pk: { S: 'IMPORTERS' } }, ConsistentRead: true });
      const stacks = places.map(place => [
        `arn:aws:cloudformation:${place}:stack/Web/6f1c7a10-0000-11f1-8000-0a1b2c3d4e5f`,
        { S: '2026-11-23T12:00:00.000Z' },
      ]);
      return { Item: { pk: { S: 'IMPORTERS' }, stacks: { M: Object.fromEntries(stacks) } } };
    };
  const cluster = 'arn:aws:ecs:us-east-1:000000000000:cluster/prod';
  const runs = (image: ImageName): AwsAnswers => ({
    ListClusters: () => ({ clusterArns: [cluster] }),
    ListTasks: () => ({ taskArns: ['1'] }),
    DescribeTasks: () => ({
      tasks: [
        {
          taskArn: 'task/1',
          clusterArn: cluster,
          group: 'service:web',
          containers: [{ image: uriOf(image), imageDigest: imageOf(image).digest }],
        },
      ],
    }),
    ListServices: () => ({ serviceArns: [] }),
    'GET /2015-03-31/functions': () => ({ Functions: [] }),
    GetItem: importedBy(),
  });
  const revoked = (image: ImageName) => ({
    source: 'trusted-images',
    'detail-type': 'Image Revoked',
    detail: world.events(image).find(({ detailType }) => detailType === 'Image Revoked')!.detail,
  });

  test('rule 5.12, watchers: where a revoked image runs is told and published, and what runs is listed once for a batch', async () => {
    const follow = load('follow-revocation');
    const [image, other] = [await REVOKED(world, 'team/one'), await REVOKED(world, 'team/two')];
    aws.answers = runs(image);
    expect(await follow(messages(revoked(image), revoked(other)), CONTEXT)).toEqual(DONE);
    expect(aws.asked('ListClusters')).toHaveLength(1);
    expect(alerts).toEqual([expect.objectContaining({ body: expect.stringContaining('service/prod/web') })]);
    // the messages of a batch are handled at once
    const told = new Map(published.map(({ detail }) => ['image' in detail ? detail.image : '', detail]));
    expect(told.get(image)).toMatchObject({
      places: [{ kind: 'ECS_SERVICE', by: 'REPORTED' }],
      unknownCount: 0,
    });
    expect(told.get(other)).toMatchObject({ places: [], unknownCount: 0 });
    expect(counted.get('ImagesRevoked')).toBe(2);
  });

  test('rule 5.12, watchers: what cannot be listed is an alert, and never "runs nowhere"', async () => {
    const follow = load('follow-revocation');
    const image = await REVOKED(world);
    expect(await follow(messages(revoked(image)), CONTEXT)).toEqual(DONE);
    expect(alerts).toEqual([
      expect.objectContaining({ body: expect.stringContaining('not looked up: the clusters of Amazon ECS') }),
    ]);
    expect(published).toMatchObject([{ detail: { image, places: [], unknownCount: 3 } }]);
  });

  test('rule 5.12, watchers: the places where apps import the trust are named, because nobody looks there', async () => {
    const follow = load('follow-revocation');
    const image = await REVOKED(world);
    const [here, there] = ['us-east-1:000000000000', 'eu-west-1:111122223333'];
    aws.answers = { ...runs(image), GetItem: importedBy(here!, there!) };
    expect(await follow(messages(revoked(image)), CONTEXT)).toEqual(DONE);
    expect(published).toMatchObject([
      { detail: { unknown: ['111122223333.eu-west-1, where apps import this trust'], unknownCount: 1 } },
    ]);
  });

  test('rule 4.1, messages are hints: an image that is trusted again is not told, and nothing is listed', async () => {
    const follow = load('follow-revocation');
    const image = await REVOKED(world);
    const event = revoked(image);
    world.finds(image, 'clean');
    world.builds.databaseUpdatedAt = world.now.toISOString();
    world.ask(image, 'request');
    await world.settle();
    expect(await follow(messages(event), CONTEXT)).toEqual(DONE);
    expect([alerts, published, aws.calls, [...counted.keys()]]).toEqual([[], [], [], []]);
  });

  test('no other event is followed, and what cannot be read is a dead letter', async () => {
    const follow = load('follow-revocation');
    aws.answers = QUEUE;
    const image = await REVOKED(world);
    expect(await follow(messages({ ...revoked(image), detail: {} }), CONTEXT)).toEqual(DONE);
    expect(aws.asked('SendMessage')).toMatchObject([
      { QueueUrl: process.env[EnvironmentName.deadLetterQueue] },
    ]);
    expect([alerts, published]).toEqual([[], []]);
  });
});

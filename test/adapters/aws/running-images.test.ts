import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RunningImages } from '../../../adapters/aws/running-images';
import type { Inventory } from '../../../src/core/running/inventory';
import { AwsFault, AwsServices, type AwsAnswers } from '../../support/aws-services';

/** The answers have the documented shape. */
const ARN = 'arn:aws:ecs:us-east-1:000000000000';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function';
const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com/team';
const DIGEST = `sha256:${'a'.repeat(64)}`;

const task = (id: string, group: string, containers: object[]) => ({
  taskArn: `${ARN}:task/prod/${id}`,
  clusterArn: `${ARN}:cluster/prod`,
  taskDefinitionArn: `${ARN}:task-definition/web:7`,
  group,
  containers,
});

/** Each list has two pages. */
const paged = (first: object, second: object) =>
  (({ body, query }) =>
    body.nextToken === undefined && query.Marker === undefined
      ? { ...first, nextToken: '2', NextMarker: '2' }
      : second) satisfies AwsAnswers[string];

const ACCOUNT: AwsAnswers = {
  ListClusters: paged({ clusterArns: [`${ARN}:cluster/prod`] }, { clusterArns: [`${ARN}:cluster/test`] }),
  ListTasks: ({ body }) =>
    body.cluster.endsWith('/prod')
      ? paged({ taskArns: ['1', '2'] }, { taskArns: ['3'] })({ operation: '', body, query: {} })
      : { taskArns: [] },
  DescribeTasks: ({ body }) => ({
    tasks: {
      '1,2': [
        task('1', 'service:web', [{ image: `${REGISTRY}/web:v1`, imageDigest: DIGEST }]),
        task('2', 'family:job', [{ image: `${REGISTRY}/job:v1` }]),
      ],
      '3': [task('3', 'family:job', [{ imageDigest: DIGEST }])],
    }[body.tasks.join() as string],
    failures: [],
  }),
  ListServices: ({ body }) => ({
    serviceArns: body.cluster.endsWith('/prod') ? [`${ARN}:service/prod/idle`] : [],
  }),
  DescribeServices: () => ({
    services: [{ serviceArn: `${ARN}:service/prod/idle`, taskDefinition: `${ARN}:task-definition/web:7` }],
  }),
  DescribeTaskDefinition: () => ({
    taskDefinition: { containerDefinitions: [{ name: 'web', image: `${REGISTRY}/defined:v1` }] },
  }),
  'GET /2015-03-31/functions': paged(
    {
      Functions: [
        { FunctionArn: `${FUNCTION}:zip:$LATEST`, PackageType: 'Zip' },
        { FunctionArn: `${FUNCTION}:resize:$LATEST`, PackageType: 'Image' },
      ],
    },
    { Functions: [{ FunctionArn: `${FUNCTION}:resize:1`, PackageType: 'Image' }] },
  ),
  [`GET /2015-03-31/functions/${FUNCTION}:resize:$LATEST`]: () => ({
    Configuration: { PackageType: 'Image' },
    Code: { ImageUri: `${REGISTRY}/resize:v2`, ResolvedImageUri: `${REGISTRY}/resize@${DIGEST}` },
  }),
  [`GET /2015-03-31/functions/${FUNCTION}:resize:1`]: () => ({
    Configuration: { PackageType: 'Image' },
    Code: { ImageUri: `${REGISTRY}/resize:v1` },
  }),
};
const FOUND: Inventory['running'] = [
  {
    kind: 'ECS_SERVICE',
    arn: `${ARN}:service/prod/web`,
    image: { reference: `${REGISTRY}/web:v1`, digest: DIGEST },
  },
  { kind: 'ECS_TASK', arn: `${ARN}:task/prod/2`, image: { reference: `${REGISTRY}/job:v1` } },
  { kind: 'ECS_TASK', arn: `${ARN}:task/prod/3`, image: { reference: `${REGISTRY}/defined:v1` } },
  { kind: 'ECS_SERVICE', arn: `${ARN}:service/prod/idle`, image: { reference: `${REGISTRY}/defined:v1` } },
  {
    kind: 'LAMBDA_FUNCTION',
    arn: `${FUNCTION}:resize:$LATEST`,
    image: { reference: `${REGISTRY}/resize:v2`, digest: DIGEST },
  },
  { kind: 'LAMBDA_FUNCTION', arn: `${FUNCTION}:resize:1`, image: { reference: `${REGISTRY}/resize:v1` } },
];

let aws: AwsServices;
beforeEach(async () => {
  aws = await AwsServices.start();
  aws.answers = ACCOUNT;
});
afterEach(() => aws.stop());

const list = (signal = new AbortController().signal) => {
  const options = { ...aws.options, maxAttempts: 1 };
  return new RunningImages(new ECSClient(options), new LambdaClient(options)).list(signal);
};
const byArn = (running: Inventory['running']) =>
  [...running].sort((one, other) => one.arn.localeCompare(other.arn));

test('lists services, tasks and functions of every page, and asks for a definition once', async () => {
  const { running, unknown } = await list();
  expect(unknown).toEqual([]);
  expect(byArn(running)).toEqual(byArn(FOUND));
  expect(aws.asked('DescribeTaskDefinition')).toHaveLength(1);
  expect(aws.calls.find(({ operation }) => operation === 'GET /2015-03-31/functions')!.query).toMatchObject({
    FunctionVersion: 'ALL',
  });
});

describe('rule 5.12, watchers: what cannot be looked up is named, and stops nothing else', () => {
  const denied = () => new AwsFault('AccessDeniedException', 'no right');

  test.each<[string, string, string, (image: Inventory['running'][number]) => boolean]>([
    ['ListClusters', 'the clusters of Amazon ECS', 'ListClusters', ({ kind }) => kind === 'LAMBDA_FUNCTION'],
    ['ListTasks', `the tasks of ${ARN}:cluster/prod`, 'ListTasks', ({ arn }) => /idle|resize/.test(arn)],
    ['ListServices', `the services of ${ARN}:cluster/prod`, 'ListServices', ({ arn }) => !/idle/.test(arn)],
    [
      'ListFunctions',
      'the functions of AWS Lambda',
      'GET /2015-03-31/functions',
      ({ kind }) => kind !== 'LAMBDA_FUNCTION',
    ],
    [
      'GetFunction',
      `the function ${FUNCTION}:resize:1`,
      `GET /2015-03-31/functions/${FUNCTION}:resize:1`,
      ({ arn }) => !/resize:1$/.test(arn),
    ],
  ])('%s', async (_, what, operation, isFound) => {
    aws.answers = { ...ACCOUNT, [operation]: denied };
    const { running, unknown } = await list();
    expect(unknown).toContain(`${what} could not be looked up: AccessDeniedException: no right`);
    expect(byArn(running)).toEqual(byArn(FOUND.filter(isFound)));
  });

  test('a function of which AWS Lambda names no image', async () => {
    const nameless = () => ({ Configuration: { PackageType: 'Image' }, Code: {} });
    aws.answers = { ...ACCOUNT, [`GET /2015-03-31/functions/${FUNCTION}:resize:1`]: nameless };
    expect((await list()).unknown).toEqual([expect.stringContaining('does not say which image')]);
  });

  test('a function that was deleted meanwhile runs nothing', async () => {
    const gone = () => new AwsFault('ResourceNotFoundException', 'gone', 404);
    aws.answers = { ...ACCOUNT, [`GET /2015-03-31/functions/${FUNCTION}:resize:1`]: gone };
    const { running, unknown } = await list();
    expect(unknown).toEqual([]);
    expect(running).toHaveLength(FOUND.length - 1);
  });

  test.each(['ListClusters', 'DescribeTasks', 'DescribeServices', 'DescribeTaskDefinition'])(
    'a service that does not answer %s in time',
    async operation => {
      aws.silent = [operation, `GET /2015-03-31/functions/${FUNCTION}:resize:1`];
      const over = new AbortController();
      const listed = list(over.signal);
      while (!aws.silent.every(each => aws.calls.some(call => call.operation === each))) {
        await new Promise(setImmediate);
      }
      over.abort();
      const { running, unknown } = await listed;
      expect(unknown.length).toBeGreaterThanOrEqual(2);
      for (const each of unknown) expect(each).toMatch(/ could not be looked up: the time was over$/);
      expect(running.map(({ arn }) => arn)).toContain(`${FUNCTION}:resize:$LATEST`);
    },
  );

  test('everything, where the time was over before', async () => {
    expect(await list(AbortSignal.abort())).toEqual({
      running: [],
      unknown: [
        'the clusters of Amazon ECS could not be looked up: the time was over',
        'the functions of AWS Lambda could not be looked up: the time was over',
      ],
    });
  });
});

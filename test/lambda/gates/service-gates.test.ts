import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import { EnvironmentName } from '../../../src/core/environment';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { World } from '../../use-cases/world';
import { STATES, uriOf } from '../../use-cases/world/service-gate';

/**
 * The three handlers as they are deployed, but for the register, the keys and the policy, which are the
 * world's. Amazon ECS, CodePipeline and Amazon SNS are one server, which their real clients ask.
 */
type Handler = (event: unknown, context: Context) => Promise<unknown>;

const REVISION = 'arn:aws:ecs:us-east-1:000000000000:service-revision/c/web/1';
const CONTEXT = {
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:gate',
} as Context;

let world: World;
let server: Server;
let heard: { action: string; body: any }[];
let answers: Record<string, object>;
/** What lies in Amazon S3, by its path. */
let stored: Record<string, object>;
let logged: string;

beforeEach(async () => {
  world = new World();
  world.signs = true;
  [heard, answers, stored, logged] = [[], {}, {}, ''];
  server = createServer((incoming, outgoing) => {
    const object = incoming.method === 'GET' ? stored[incoming.url!] : undefined;
    if (object !== undefined) return outgoing.writeHead(200).end(JSON.stringify(object));
    let body = '';
    return incoming
      .on('data', chunk => {
        body += chunk;
      })
      .on('end', () => {
        const target = incoming.headers['x-amz-target'];
        const action =
          typeof target === 'string' ? target.split('.')[1]! : new URLSearchParams(body).get('Action')!;
        heard.push({ action, body: typeof target === 'string' ? JSON.parse(body) : body });
        outgoing.writeHead(action in answers ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
        outgoing.end(JSON.stringify(answers[action] ?? { __type: 'InvalidAction' }));
      });
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  for (const name of Object.values(EnvironmentName)) process.env[name] = '1';
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    POWERTOOLS_DEV: 'true',
    [EnvironmentName.alertTopics]: '[]',
    [EnvironmentName.allowedDigests]: '[]',
    [EnvironmentName.enforcement]: 'REFUSE',
    [EnvironmentName.repositories]: '[]',
    [EnvironmentName.urlSuffix]: 'amazonaws.com',
  });
  delete process.env[EnvironmentName.grants];
  delete process.env[EnvironmentName.trustOwner];
  delete process.env[EnvironmentName.trustSchemaVersion];
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockImplementation((...all) => {
      logged += `${all.map(String).join(' ')}\n`;
    });
  }
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    logged += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    delete process.env[name];
  }
  return new Promise(done => server.close(done));
});

/** Handlers make their clients when they are loaded. */
function load(name: string): Handler {
  jest.resetModules();
  jest.useFakeTimers({
    now: world.now,
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout'],
  });
  jest.doMock('../../../adapters/aws/trust-register', () => ({
    TrustRegister: class {
      public load = (image: ImageName) => world.register.load(image);
    },
  }));
  jest.doMock('../../../adapters/aws/kms-keys', () => ({
    KmsKeys: class {
      public all = async () => [world.signer.current];
    },
  }));
  jest.doMock('../../../adapters/aws/policy-table', () => ({
    policyPointers: () => ({ policy: async () => world.policy }),
  }));
  return (require(`../../../lambda/gates/${name}.lambda`) as { handler: Handler }).handler; // eslint-disable-line @typescript-eslint/no-require-imports
}

afterEach(() => {
  jest.useRealTimers();
});

const asked = (action: string) => heard.filter(each => each.action === action).map(({ body }) => body);

describe.each(STATES)('an image that is %s', (_, says, make) => {
  let image: ImageName;
  beforeEach(async () => {
    image = await make(world);
  });

  test('Amazon ECS is told whether its revision may start, and its clients read what it runs', async () => {
    answers = {
      ListTagsForResource: { tags: [] },
      DescribeServiceRevisions: {
        serviceRevisions: [
          {
            serviceRevisionArn: REVISION,
            taskDefinition: 'web:1',
            containerImages: [{ containerName: 'web', imageDigest: imageOf(image).digest }],
          },
        ],
      },
      DescribeTaskDefinition: {
        taskDefinition: { containerDefinitions: [{ name: 'web', image: uriOf(image).split('@')[0] }] },
      },
    };
    const event = {
      executionId: '1',
      lifecycleStage: 'PRE_SCALE_UP',
      resourceArn: 'arn:aws:ecs:us-east-1:000000000000:service-deployment/c/web/1',
      executionDetails: {
        serviceArn: 'arn:aws:ecs:us-east-1:000000000000:service/c/web',
        targetServiceRevisionArn: REVISION,
      },
    };
    expect(await load('ecs-deployment-gate')(event, CONTEXT)).toEqual({
      hookStatus: says === undefined ? 'SUCCEEDED' : 'FAILED',
    });
    expect(asked('DescribeServiceRevisions')).toEqual([{ serviceRevisionArns: [REVISION] }]);
    expect(asked('DescribeTaskDefinition')).toEqual([{ taskDefinition: 'web:1' }]);
    expect(logged).toContain(says ?? 'is admitted');
  });

  test.each(['in the event', 'in Amazon S3'])('CloudFormation is told, with its token: %s', async where => {
    const model = { resourceProperties: { Code: { ImageUri: uriOf(image) } } };
    const key = '/bucket/key?X-Amz-Signature=a-secret';
    stored = { [key]: model };
    const event = {
      clientRequestToken: 'token',
      actionInvocationPoint: 'CREATE_PRE_PROVISION',
      requestData: {
        targetName: 'AWS::Lambda::Function',
        targetLogicalId: 'Function',
        ...(where === 'in the event'
          ? { targetModel: model }
          : { payload: `${process.env.AWS_ENDPOINT_URL}${key}` }),
      },
      requestContext: { invocation: 1 },
    };
    expect(await load('cloudformation-gate')(event, CONTEXT)).toMatchObject({
      hookStatus: says === undefined ? 'SUCCESS' : 'FAILED',
      clientRequestToken: 'token',
      message: expect.stringContaining(says ?? 'every image is trusted'),
    });
    expect(logged).not.toContain('a-secret');
  });

  test('CodePipeline is answered, and nothing of its credentials is logged', async () => {
    answers = { PutJobSuccessResult: {}, PutJobFailureResult: {} };
    const UserParameters = JSON.stringify({ count: 1, images: [uriOf(image)] });
    const data = {
      actionConfiguration: { configuration: { UserParameters } },
      artifactCredentials: { secretAccessKey: 'a-secret' },
    };
    await load('pipeline-gate')({ 'CodePipeline.job': { id: 'job', data } }, CONTEXT);
    if (says === undefined) {
      return expect(heard).toEqual([{ action: 'PutJobSuccessResult', body: { jobId: 'job' } }]);
    }
    expect(heard).toMatchObject([
      {
        action: 'PutJobFailureResult',
        body: { jobId: 'job', failureDetails: { type: 'JobFailed', message: expect.stringContaining(says) } },
      },
    ]);
    expect(logged).not.toContain('a-secret');
  });
});

test('rule 5.7, fail closed: Amazon ECS that answers nothing of use is no reason to start', async () => {
  expect(await load('ecs-deployment-gate')({}, CONTEXT)).toEqual({ hookStatus: 'FAILED' });
});

test('a large request is fetched from its URL, and from no other host', async () => {
  const handler = load('cloudformation-gate');
  const event = (payload: string) => ({
    clientRequestToken: 'token',
    actionInvocationPoint: 'CREATE_PRE_PROVISION',
    requestData: { targetName: 'AWS::ECS::TaskDefinition', targetLogicalId: 'Task', payload },
    requestContext: { invocation: 3 },
  });
  expect(await handler(event('https://evil.io/?secret'), CONTEXT)).toMatchObject({
    hookStatus: 'FAILED',
    message: expect.stringContaining('its host is "evil.io", allowed: Amazon S3'),
  });
  // the embedded cloud's port, where this server answers 400 to everything but the actions above
  expect(await handler(event(`${process.env.AWS_ENDPOINT_URL}/?secret`), CONTEXT)).toMatchObject({
    hookStatus: 'FAILED',
    message: expect.stringContaining('S3 does not give what the request names'),
  });
  expect(logged).not.toContain('secret');
});

test('a job without an id cannot be answered, and is no exception that AWS Lambda would try again', async () => {
  await load('pipeline-gate')({}, CONTEXT);
  expect(heard).toEqual([]);
  expect(logged).toContain('not answered');
});

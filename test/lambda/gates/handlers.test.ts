import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationCustomResourceEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import { EnvironmentName } from '../../../src/core/environment';
import type { StackResource } from '../../../src/core/gates/asking-resource';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { PublishedTrust } from '../../../src/core/sharing/why-not-asked';
import { World } from '../../use-cases/world';
import { Gate, responseUrl } from '../../use-cases/world/gate';

/**
 * The two handlers as they are deployed, but for AWS: the register, the keys and the queues are the world's,
 * and CloudFormation is a server.
 */
let world: World;
let gate: Gate;
let image: ImageName;
let server: Server;
let url: string;
let status: number;
let heard: { Status: string; Reason?: string; PhysicalResourceId: string; Data?: object }[];
let sent: { url: string; body: string }[];
let logged: string;
/** Why no queue takes a message. */
let sending: Error | undefined;
/** What CloudFormation says of the resource that asks. */
let resource: StackResource | Error;
/** What the gate reads of its trust when it is asked. */
let published: PublishedTrust;
/** By which documents keys were made. */
const pinnedBy: string[] = [];
let request: (event: CloudFormationCustomResourceEvent) => Promise<void>;
let look: (event: SQSEvent) => Promise<{ batchItemFailures: object[] }>;

const QUEUE = 'https://sqs/deployments';
const GATE_STACK = 'arn:aws:cloudformation:us-east-1:000000000000:stack/gate/1';

beforeEach(async () => {
  world = new World();
  world.signs = true;
  gate = new Gate(world);
  image = world.has('clean');
  world.registry.tag(imageOf(image), 'v1');
  [status, heard, sent, logged, sending] = [200, [], [], '', undefined];
  resource = { type: 'Custom::TrustedImage', status: 'CREATE_IN_PROGRESS' };
  published = {};
  server = createServer((incoming, outgoing) => {
    let body = '';
    incoming
      .on('data', chunk => {
        body += chunk;
      })
      .on('end', () => {
        heard.push(JSON.parse(body));
        outgoing.writeHead(status).end();
      });
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const name of Object.values(EnvironmentName)) process.env[name] = '1';
  delete process.env[EnvironmentName.grants];
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: url,
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
    [EnvironmentName.waitSeconds]: '3300',
    [EnvironmentName.queue]: QUEUE,
    [EnvironmentName.deployments]: QUEUE,
    [EnvironmentName.alertTopics]: '[]',
    [EnvironmentName.trustOwner]: '000000000000.us-east-1',
    [EnvironmentName.gateStack]: GATE_STACK,
  });
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation(text => {
      logged += String(text);
      return true;
    });
  }
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockImplementation((...all) => {
      logged += `${all.map(String).join(' ')}\n`;
    });
  }
  load();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  delete process.env.AWS_ENDPOINT_URL;
  return new Promise(done => server.close(done));
});

/** Handlers make their clients when they are loaded. */
function load(waits = true): void {
  jest.resetModules();
  jest.useFakeTimers({
    now: world.now,
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout'],
  });
  jest.doMock('../../../adapters/aws/trust-register', () => ({
    TrustRegister: class {
      public load = (name: ImageName) => world.register.load(name);
    },
  }));
  jest.doMock('../../../adapters/aws/kms-keys', () => ({
    KmsKeys: class {
      constructor(document: string) {
        pinnedBy.push(document);
      }

      public all = async () => [...gate.pinned];
    },
  }));
  jest.doMock('../../../adapters/aws/policy-table', () => ({
    policyPointers: () => ({ policy: async () => world.policy }),
  }));
  jest.doMock('../../../adapters/aws/stack-resource', () => ({
    stackResource: async () => {
      if (resource instanceof Error) throw resource;
      return resource;
    },
  }));
  jest.doMock('../../../adapters/aws/published-trust', () => ({ publishedTrust: async () => published }));
  jest.doMock('../../../adapters/aws/stack-status', () => ({ stackStatus: async () => gate.status }));
  jest.doMock('../../../adapters/aws/ecr-registry', () => ({
    EcrRegistry: class {
      public find = async () => undefined;
    },
  }));
  jest.doMock('@aws-sdk/client-sqs', () => ({
    ...jest.requireActual<object>('@aws-sdk/client-sqs'),
    SQSClient: class {
      public send = async ({ input }: { input: { QueueUrl: string; MessageBody?: string } }) => {
        if (sending !== undefined) throw sending;
        sent.push({ url: input.QueueUrl, body: input.MessageBody ?? '' });
      };
    },
  }));
  ({ handler: request } = require('../../../lambda/gates/request-trust.lambda')); // eslint-disable-line @typescript-eslint/no-require-imports
  if (waits) ({ handler: look } = require('../../../lambda/gates/await-trust.lambda')); // eslint-disable-line @typescript-eslint/no-require-imports
}

function event(changes: Partial<CloudFormationCustomResourceEvent> = {}): CloudFormationCustomResourceEvent {
  const { repository, digest } = imageOf(image);
  const asked = gate.event({ repository, digest });
  return {
    ...asked,
    ResponseURL: responseUrl(url, asked),
    ...changes,
  } as CloudFormationCustomResourceEvent;
}

function messages(...bodies: string[]): SQSEvent {
  return {
    Records: bodies.map(
      (body, at) =>
        ({
          messageId: `${at}`,
          body,
          receiptHandle: 'h',
          messageAttributes: {},
          attributes: { ApproximateReceiveCount: '1' },
          eventSource: 'aws:sqs',
        }) as unknown as SQSRecord,
    ),
  };
}

/** What the function that asks put into the queue of deployments. */
async function waiting(): Promise<string> {
  await request(event());
  const [message, ...more] = sent.filter(each => each.url === QUEUE);
  expect(more).toEqual([]);
  sent.length = 0;
  return message!.body;
}

afterEach(() => {
  expect(logged).not.toMatch(/secret/);
}); // rule 5.10 (no secrets of gates), in each of them

test('rule 5.10, no secrets of gates: what waits is in the queue and nowhere else; it is hidden again as long as it is not decided, and answered when it is', async () => {
  const body = await waiting();
  expect(JSON.parse(body)).toMatchObject({
    image,
    asker: { ResponseURL: event().ResponseURL, PhysicalResourceId: 'not-admitted/1' },
  });
  expect(heard).toEqual([]);
  expect(await look(messages(body))).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
  expect(heard).toEqual([]);

  world.push(image, 'v1');
  await world.settle();
  expect(await look(messages(body))).toEqual({ batchItemFailures: [] });
  expect(heard).toEqual([
    expect.objectContaining({
      Status: 'SUCCESS',
      PhysicalResourceId: `${image}#${imageOf(image).digest}`,
      Data: { Digest: imageOf(image).digest },
    }),
  ]);
  expect(logged).toContain('NO_VERDICT'); // what is tested above, was logged
});

test('what is refused is answered with the reason, and the resource keeps an id that remembers no image', async () => {
  const body = JSON.stringify({ ...JSON.parse(await waiting()), requestedAt: '2020-01-01T00:00:00.000Z' });
  expect(await look(messages(body))).toEqual({ batchItemFailures: [] });
  expect(heard).toEqual([
    expect.objectContaining({
      Status: 'FAILED',
      PhysicalResourceId: 'not-admitted/1',
      Reason: expect.stringContaining('is refused: it has not been judged yet'),
    }),
  ]);
});

test('a refusal counts once, when CloudFormation has its answer', async () => {
  const body = JSON.stringify({ ...JSON.parse(await waiting()), requestedAt: '2020-01-01T00:00:00.000Z' });
  const counted = () => logged.match(/"DeploymentsRefused":\s*\[?1/g) ?? [];
  status = 500;
  await look(messages(body));
  expect(heard.length).toBeGreaterThan(0);
  expect(counted()).toEqual([]);
  status = 200;
  await look(messages(body));
  expect(counted()).toHaveLength(1);
});

describe('a trust of another app, whose template names no keys', () => {
  const KEYS = '[{"arn":"arn:aws:kms:us-east-1:111111111111:key/1"}]';

  beforeEach(() => {
    delete process.env[EnvironmentName.pinnedKeys];
    process.env[EnvironmentName.trustOwner] = '000000000000.us-east-1';
    pinnedBy.length = 0;
    load();
  });

  const withKeys = () => {
    published = { pinnedKeys: KEYS };
    return request(event());
  };

  test('the function that is asked takes the keys that were read for this deployment', async () => {
    world.push(image);
    await world.settle();
    await withKeys();
    expect(pinnedBy).toEqual([KEYS]);
  });

  test('the function that waits takes them too', async () => {
    await withKeys();
    const { body } = sent.find(each => each.url === QUEUE)!;
    world.push(image);
    await world.settle();
    load(); // the other function knows nothing of the first one's keys
    await look(messages(body));
    expect(heard).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
    expect(pinnedBy).toEqual([KEYS]);
  });

  test('without any keys, a trusted image is refused', async () => {
    world.push(image);
    await world.settle();
    await request(event());
    const { body } = sent.find(each => each.url === QUEUE)!;
    await look(messages(JSON.stringify({ ...JSON.parse(body), requestedAt: '2020-01-01T00:00:00.000Z' })));
    expect(heard).toEqual([
      expect.objectContaining({
        Status: 'FAILED',
        Reason: expect.stringContaining('no signing key is pinned'),
      }),
    ]);
  });
});

test('keys are what the gate knows of its trust, and never what a resource says', async () => {
  pinnedBy.length = 0;
  load();
  world.push(image);
  await world.settle();
  await request(event({ ResourceProperties: { ...event().ResourceProperties, PinnedKeys: '[]' } } as never));
  expect(pinnedBy).toEqual(['1']);
});

test.each<[string, object, object]>([
  [
    'a delete',
    { RequestType: 'Delete', PhysicalResourceId: 'before' },
    { Status: 'SUCCESS', PhysicalResourceId: 'before' },
  ],
  [
    'a tag that names nothing',
    {
      ResourceProperties: {
        Account: '000000000000',
        Region: 'us-east-1',
        SchemaVersion: '1',
        Repository: 'team/clean',
        Tag: 'none',
        Enforcement: 'REFUSE',
      },
    },
    { Status: 'FAILED', Reason: expect.stringContaining('has no image with the tag "none"') },
  ],
  [
    'a template that is none',
    { ResourceProperties: { SchemaVersion: '1' } },
    { Status: 'FAILED', Reason: expect.stringContaining('the image to deploy is not named well') },
  ],
])('%s is answered at once', async (_, changes, answer) => {
  await request(event(changes));
  expect(heard).toEqual([expect.objectContaining(answer)]);
  expect(sent.filter(each => each.url === QUEUE)).toEqual([]);
});

describe('a trust of another app learns', () => {
  const ResourceType = 'Custom::TrustedImagesImporter';
  const notes = () => sent.filter(each => each.url === '1').map(({ body }) => JSON.parse(body) as unknown);

  test('which stack has a gate that asks it, at each deployment of an image', async () => {
    await request(event());
    expect(notes()).toContainEqual({ version: 1, importer: GATE_STACK });
  });

  test('which stack no longer does, when the resource of the stack goes', async () => {
    await request(event({ ResourceType, RequestType: 'Delete', PhysicalResourceId: 'before' } as never));
    expect(notes()).toEqual([{ version: 1, importer: GATE_STACK, isGone: true }]);
    expect(heard).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'before' })]);
  });

  test('nothing from an image that goes: it may be one of several', async () => {
    await request(event({ RequestType: 'Delete', PhysicalResourceId: 'before' } as never));
    expect(notes()).toEqual([]);
  });

  test('nothing if its queue takes no message, and no deployment fails for that', async () => {
    sending = new Error('AccessDenied');
    await request(event({ ResourceType }));
    expect(heard).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
    expect(logged).toContain('the trust was not told who imports it');
  });

  test('nothing if it is of the same app', async () => {
    delete process.env[EnvironmentName.trustOwner];
    load();
    await request(event({ ResourceType }));
    expect(sent).toEqual([]);
  });
});

test('a deletion is answered whatever is missing: nothing of the gate is loaded before', async () => {
  for (const name of Object.values(EnvironmentName)) {
    if (name !== EnvironmentName.urlSuffix) delete process.env[name];
  }
  load(false);
  resource = new Error('not to be called');
  await request(event({ RequestType: 'Delete', PhysicalResourceId: 'before' } as never));
  expect(heard).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'before' })]);
});

test('an event for another resource than its URL is answered nowhere, and AWS Lambda keeps it for people', async () => {
  const StackId = 'arn:aws:cloudformation:us-east-1:000000000000:stack/payments/2';
  for (const RequestType of ['Create', 'Delete']) {
    await expect(request(event({ StackId, RequestType, PhysicalResourceId: 'x' } as never))).rejects.toThrow(
      'nothing is asked and nothing answered: the URL for the answer is for another resource',
    );
  }
  expect([heard, sent]).toEqual([[], []]);
});

test('what CloudFormation says of the resource decides, also where the event says something else', async () => {
  resource = { type: 'Custom::TrustedImage', status: 'UPDATE_IN_PROGRESS', physicalId: 'of-the-stack' };
  await request(
    event({ RequestType: 'Update', PhysicalResourceId: 'forged', OldResourceProperties: {} } as never),
  );
  expect(JSON.parse(sent.find(each => each.url === QUEUE)!.body)).toMatchObject({
    asker: { PhysicalResourceId: 'of-the-stack' },
  });
});

test('a call that AWS throttles is tried again by AWS Lambda, and answers nothing before', async () => {
  resource = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  await expect(request(event())).rejects.toThrow('Rate exceeded');
  resource = Object.assign(new Error('denied'), { name: 'AccessDenied' });
  expect(heard).toEqual([]);
  await request(event());
  expect(heard).toEqual([expect.objectContaining({ Status: 'FAILED', Reason: 'denied' })]);
});

test('rule 5.10, no secrets of gates: an answer that does not arrive is an error, for AWS Lambda to call again; it does not say where', async () => {
  status = 403;
  await expect(
    request(event({ RequestType: 'Delete', PhysicalResourceId: 'before' } as never)),
  ).rejects.toThrow('CloudFormation did not take the answer in 3 tries: status 403');
});

test('rule 5.10, no secrets of gates: an answer that does not arrive from the queue comes back as a new message; no line says where', async () => {
  world.push(image, 'v1');
  await world.settle();
  const body = await waiting();
  status = 500;
  expect(await look(messages(body))).toEqual({ batchItemFailures: [] });
  expect(sent).toEqual([{ url: QUEUE, body }]);
  expect(logged).toContain('status 500');
});

test('a message that cannot be read is answered with a failure where it says whom, and is poison where not', async () => {
  const body = JSON.parse(await waiting());
  await look(messages(JSON.stringify({ ...body, image: 'none' })));
  expect(heard).toEqual([
    expect.objectContaining({
      Status: 'FAILED',
      Reason: 'the message of a deployment cannot be read (image): deploy again',
    }),
  ]);
  expect(sent).toEqual([]);
  await look(messages(JSON.stringify({ ...body, asker: undefined })));
  expect(sent).toHaveLength(1);
});

test('what nobody could look at is answered with a failure: no stack waits an hour for it', async () => {
  const body = JSON.parse(await waiting());
  Object.defineProperty(world.register, 'load', { value: async () => ({ children: 'none' }) });
  await look(messages(JSON.stringify({ ...body, requestedAt: '2020-01-01T00:00:00.000Z' })));
  expect(heard).toEqual([expect.objectContaining({ Status: 'FAILED', Reason: expect.any(String) })]);
});

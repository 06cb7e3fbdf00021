import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatchClient } from '@aws-sdk/client-batch';
import { ECSClient } from '@aws-sdk/client-ecs';
import { NewestDefinitions } from '../../../adapters/aws/newest-definitions';
import { Limit } from '../../../src/core/limits';

const ECS = 'arn:aws:ecs:eu-west-1:000000000000:task-definition';
const BATCH = 'arn:aws:batch:eu-west-1:000000000000:job-definition';

type Ask = (what: string, body: Record<string, any>) => object | undefined;
let ask: Ask;
let asked: { what: string; body: object }[];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request
      .on('data', chunk => {
        text += chunk;
      })
      .on('end', () => {
        const target = request.headers['x-amz-target'];
        const what = target === undefined ? request.url!.split('/').at(-1)! : String(target).split('.')[1]!;
        const body = JSON.parse(text) as Record<string, any>;
        asked.push({ what, body });
        const answer = ask(what, body);
        if (answer === undefined) return; // it hangs
        const status = '__type' in answer ? 400 : 200;
        response
          .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
          .end(JSON.stringify(answer));
      });
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise(done => server.close(done));
});
beforeEach(() => {
  asked = [];
});

function list(answer: Ask, signal = new AbortController().signal) {
  ask = answer;
  const options = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
  return new NewestDefinitions(new ECSClient(options), new BatchClient(options)).list(signal);
}

/** Two pages of each list. */
const account: Ask = (what, { nextToken, taskDefinition }) => {
  const page = nextToken === undefined ? { nextToken: 'more' } : {};
  const isFirst = nextToken === undefined;
  switch (what) {
    case 'ListTaskDefinitions':
      return {
        ...page,
        taskDefinitionArns: isFirst
          ? Array.from({ length: Limit.newestRevisions + 1 }, (_, at) => `${ECS}/web:${at + 1}`)
          : [`${ECS}/nightly:1`],
      };
    case 'DescribeTaskDefinition':
      return {
        taskDefinition: {
          containerDefinitions: [{ name: 'app', image: String(taskDefinition).split('/')[1] }],
        },
      };
    case 'describejobdefinitions':
      return {
        ...page,
        jobDefinitions: [
          {
            jobDefinitionName: 'report',
            jobDefinitionArn: `${BATCH}/report:${isFirst ? 1 : 2}`,
            revision: isFirst ? 1 : 2,
            type: 'container',
            containerProperties: { image: `report:${isFirst ? 'one' : 'two'}` },
          },
        ],
      };
    default:
      throw new Error(`nobody asks ${what}`);
  }
};

test('the newest ACTIVE revisions of every page are described, and no others', async () => {
  const { definitions, unknown } = await list(account);
  expect(unknown).toEqual([]);
  const newest = Array.from(
    { length: Limit.newestRevisions },
    (_, at) => `web:${Limit.newestRevisions + 1 - at}`,
  );
  expect(definitions.filter(({ arn }) => arn.startsWith(ECS))).toEqual(
    [...newest, 'nightly:1'].map(name => ({ arn: `${ECS}/${name}`, images: [{ reference: name }] })),
  );
  expect(definitions.filter(({ arn }) => arn.startsWith(BATCH))).toEqual([
    { arn: `${BATCH}/report:2`, images: [{ reference: 'report:two' }] },
    { arn: `${BATCH}/report:1`, images: [{ reference: 'report:one' }] },
  ]);
  const page = { status: 'ACTIVE', maxResults: 100 };
  for (const what of ['ListTaskDefinitions', 'describejobdefinitions']) {
    const bodies = asked.filter(each => each.what === what).map(({ body }) => body);
    expect(bodies).toEqual([page, { ...page, nextToken: 'more' }]);
  }
});

describe('rule 5.7, fail closed: the list is not whole if', () => {
  test.each<[string, string, object, RegExp]>([
    [
      'a page is refused',
      'ListTaskDefinitions',
      { __type: 'AccessDeniedException', message: 'no' },
      /^the task definitions of Amazon ECS could not be looked up: AccessDeniedException: no$/,
    ],
    [
      'a revision cannot be described',
      'DescribeTaskDefinition',
      { __type: 'ThrottlingException', message: 'Rate exceeded' },
      /^the task definitions of Amazon ECS could not be looked up: ThrottlingException: Rate exceeded$/,
    ],
    [
      'a job definition names no image where one is expected',
      'describejobdefinitions',
      { jobDefinitions: [{ jobDefinitionArn: `${BATCH}/odd:1`, revision: 1, type: 'container' }] },
      /^the images of .*\/odd:1 could not be looked up: Error: the job definition names no image/,
    ],
  ])('%s', async (_why, of, answer, says) => {
    const { unknown } = await list((what, body) => (what === of ? answer : account(what, body)));
    expect(unknown).toEqual([expect.stringMatching(says)]);
  });

  test('a service does not answer in time', async () => {
    const time = new AbortController();
    const { unknown, definitions } = await list((what, body) => {
      if (what !== 'describejobdefinitions') return account(what, body);
      time.abort();
      return undefined;
    }, time.signal);
    expect(unknown).toContain('the job definitions of AWS Batch could not be looked up: the time was over');
    expect(definitions).not.toContainEqual(expect.objectContaining({ arn: `${BATCH}/report:1` }));
  });

  test('the time was over before', async () => {
    const { unknown } = await list(account, AbortSignal.abort());
    expect(unknown).toHaveLength(2);
    expect(asked).toEqual([]);
  });
});

test('a revision that was deleted meanwhile names no image', async () => {
  const gone = { __type: 'ClientException', message: 'Unable to describe task definition.' };
  const { definitions, unknown } = await list((what, body) =>
    what === 'DescribeTaskDefinition' ? gone : account(what, body),
  );
  expect(unknown).toEqual([]);
  expect(definitions).toContainEqual({ arn: `${ECS}/nightly:1`, images: [] });
});

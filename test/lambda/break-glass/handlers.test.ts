import type { SQSEvent } from 'aws-lambda';
import { EnvironmentName } from '../../../src/core/environment';
import type { GrantEvent } from '../../../src/core/events/grant-events';
import type { Grant } from '../../../src/core/trust/grant';
import { CALLER, STACK, STACK_ID } from '../../core/support/grants';
import { IMAGE } from '../../core/support/made';
import { sqsEvent } from '../../support/sqs-event';

/** The two handlers as they are deployed, but for the table, the queue and the bus. */
const rows = new Map<string, Grant>();
const sent: unknown[] = [];
const published: GrantEvent[] = [];

jest.mock('../../../adapters/aws/grants-table', () => ({
  GrantsTable: class {
    public of = async (key: string) => [...rows.values()].filter(({ pk }) => pk === key);
    public load = async (_key: string, id: string) => rows.get(id);
    public put = async (grant: Grant) => {
      rows.set(grant.grantId, grant);
    };
    public end = async (grant: Grant) => {
      rows.set(grant.grantId, grant);
      return true;
    };
  },
}));
jest.mock('../../../adapters/aws/sqs-queue', () => ({
  SqsQueue: class {
    public send = async (message: unknown) => {
      sent.push(message);
    };
  },
}));
jest.mock('../../../adapters/aws/event-bus', () => ({
  EventBus: class {
    public publish = async (event: GrantEvent) => {
      published.push(event);
    };
  },
}));

let grant: (event: unknown) => Promise<{ statusCode: number; body: string }>;
let watch: (event: SQSEvent) => Promise<{ batchItemFailures: object[] }>;

beforeAll(() => {
  for (const name of Object.values(EnvironmentName)) process.env[name] = '1';
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    [EnvironmentName.grantAccounts]: '["000000000000"]',
    [EnvironmentName.queue]: 'https://sqs/messages',
  });
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
  for (const level of ['info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockReturnValue(undefined);
  }
  ({ handler: grant } = jest.requireActual('../../../lambda/break-glass/grant-break-glass.lambda'));
  ({ handler: watch } = jest.requireActual('../../../lambda/break-glass/watch-grants.lambda'));
});
beforeEach(() => {
  rows.clear();
  sent.length = 0;
  published.length = 0;
});
afterAll(() => jest.restoreAllMocks());

const WANTED = {
  action: 'grant',
  image: IMAGE,
  scope: STACK_ID,
  forSeconds: 600,
  justification: 'the scanner is down and the shop too',
  ticket: 'INC-7',
};

/** As AWS Lambda makes it for a URL with IAM. */
const called = (body: object, userArn: string | undefined = CALLER) => ({
  version: '2.0',
  requestContext: { authorizer: { iam: { userArn } } },
  body: JSON.stringify(body),
  isBase64Encoded: false,
});

const messages = (...bodies: unknown[]) => sqsEvent(bodies);

test('a call by the URL grants, names the caller, and is published', async () => {
  const { statusCode, body } = await grant(called(WANTED));
  expect([statusCode, JSON.parse(body).granted]).toEqual([200, [...rows.values()][0]]);
  expect([...rows.values()]).toEqual([
    expect.objectContaining({ image: IMAGE, scope: STACK, grantedBy: CALLER, ticket: 'INC-7' }),
  ]);
  expect(await watch(messages(sent[0]))).toEqual({ batchItemFailures: [] });
  expect(published.map(({ detailType }) => detailType)).toEqual(['Break-Glass Granted']);
});

test.each<[string, unknown]>([
  ['an invocation with the body alone', WANTED],
  ['an event without IAM', { ...called(WANTED), requestContext: { accountId: 'anonymous' } }],
  ['an event whose caller is no ARN', called(WANTED, 'boss')],
  ['nothing', undefined],
])('%s grants nothing: it names no caller', async (_what, event) => {
  expect(await grant(event)).toMatchObject({ statusCode: 403 });
  expect([rows.size, sent.length]).toEqual([0, 0]);
});

test('a request that is not allowed is answered with the fix', async () => {
  const { statusCode, body } = await grant(called({ ...WANTED, forSeconds: 90_000 }));
  expect(statusCode).toBe(400);
  expect(JSON.parse(body).problems).toEqual([expect.stringMatching(/^forSeconds is 90000, allowed:/)]);
  expect(rows.size).toBe(0);
});

test('a call ends a grant', async () => {
  await grant(called(WANTED));
  const { statusCode, body } = await grant(called({ action: 'end', image: IMAGE, scope: STACK }));
  expect([statusCode, JSON.parse(body).ended]).toEqual([200, [expect.objectContaining({ endedBy: CALLER })]]);
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EnvironmentName } from '../../../src/core/environment';
import { grantedEvent } from '../../../src/core/events/grant-events';
import { EVENT_SOURCE } from '../../../src/core/events/image-events';
import { grant } from '../../core/support/grants';
import { sqsEvent } from '../../support/sqs-event';

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
interface Heard {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly target: string | undefined;
  readonly body: any;
}

/** The handler as it is deployed, and a server in the place of AWS. */
const CONTEXT = {
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:report',
} as Context;

let server: Server;
let heard: Heard[];
let answer: { status: number; body: object };
let handler: Handler;

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    let body = '';
    incoming
      .on('data', chunk => {
        body += chunk;
      })
      .on('end', () => {
        const { authorization, 'x-amz-target': target } = incoming.headers;
        heard.push({ path: incoming.url, authorization, target: target as string, body: JSON.parse(body) });
        const isHub = incoming.url === '/findings/import';
        outgoing.writeHead(isHub ? answer.status : 200, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify(isHub ? answer.body : {}));
      });
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_ENDPOINT_URL: endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    [EnvironmentName.queue]: `${endpoint}/queue`,
    [EnvironmentName.deadLetterQueue]: `${endpoint}/dead`,
  });
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
  for (const level of ['info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockReturnValue(undefined);
  }
  ({ handler } = jest.requireActual<{ handler: Handler }>(
    '../../../lambda/alerts/report-to-security-hub.lambda',
  ));
});

beforeEach(() => {
  heard = [];
  answer = { status: 200, body: { FailedCount: 0, SuccessCount: 1, FailedFindings: [] } };
});

afterAll(() => {
  jest.restoreAllMocks();
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    delete process.env[name];
  }
  return new Promise(done => server.close(done));
});

function granted(): SQSEvent {
  const { detailType, detail } = grantedEvent(grant());
  return sqsEvent([{ source: EVENT_SOURCE, 'detail-type': detailType, detail }]);
}

const imported = () => heard.filter(({ path }) => path === '/findings/import');

test('imports one finding, signed for Security Hub', async () => {
  expect(await handler(granted(), CONTEXT)).toEqual({ batchItemFailures: [] });
  expect(imported()).toEqual([
    expect.objectContaining({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/us-east-1\/securityhub\/aws4_request, /,
      ),
      body: { Findings: [expect.objectContaining({ AwsAccountId: '000000000000', RecordState: 'ACTIVE' })] },
    }),
  ]);
});

test('imports the same finding for the same event, so that it is one', async () => {
  await handler(granted(), CONTEXT);
  await handler(granted(), CONTEXT);
  const [one, other] = imported().map(({ body }) => body);
  expect(one).toEqual(other);
});

test.each<[string, number, object]>([
  ['fails', 500, { Code: 'InternalException' }],
  ['does not let it in', 403, { Code: 'AccessDeniedException' }],
  ['throttles', 429, { Code: 'LimitExceededException' }],
  [
    'takes the call, but not the finding',
    200,
    { FailedCount: 1, SuccessCount: 0, FailedFindings: [{ Id: 'a', ErrorCode: 'x', ErrorMessage: 'y' }] },
  ],
  ['answers something else', 200, []],
])('where Security Hub %s, the message comes back', async (_, status, body) => {
  answer = { status, body };
  expect(await handler(granted(), CONTEXT)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
});

test('what is nothing to report is done without a call', async () => {
  expect(await handler(sqsEvent([{ source: EVENT_SOURCE }]), CONTEXT)).toEqual({ batchItemFailures: [] });
  expect(imported()).toEqual([]);
});

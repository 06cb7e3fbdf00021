import type { Context, SQSEvent } from 'aws-lambda';
import { EnvironmentName } from '../../../src/core/environment';
import { imageOf } from '../../../src/core/image/image';
import { newRow, type RegisterRow } from '../../../src/core/register/row';
import { SWEEP, type RepositoryMessage } from '../../../src/core/scanning/reconcile-message';
import { IMAGE } from '../../core/support/made';
import { sqsEvent } from '../../support/sqs-event';

/** The handler as it is deployed, but for what it reads and where it sends. */
const row: RegisterRow = {
  ...newRow(IMAGE),
  kind: 'image',
  verdict: { outcome: 'PASS', validUntil: '2999-01-01T00:00:00.000Z', counts: {} } as never,
};
const sent: RepositoryMessage[] = [];
const counted = new Map<string, number>();

jest.mock('../../../adapters/aws/trust-register', () => ({
  TrustRegister: class {
    public due = async function* () {
      yield* [];
    };
    public rowsOf = async function* () {
      yield row;
    };
  },
}));
jest.mock('../../../adapters/aws/ecr-repositories', () => ({
  EcrRepositories: class {
    public repositories = async function* () {
      yield { name: 'team/app', arn: 'arn', account: '000000000000' };
    };
    public images = async function* () {
      yield { digest: imageOf(row.pk).digest, tags: ['v1'], pushedAt: new Date() };
    };
    public archived = async function* () {
      yield* [];
    };
  },
}));
jest.mock('../../../adapters/aws/policy-table', () => ({
  policyPointers: () => ({ policy: async () => undefined, waivers: async () => undefined }),
}));
jest.mock('../../../adapters/aws/scan-slots', () => ({
  ScanSlotsRow: class {
    public capacity = async () => ({ atOnce: 1, scanSeconds: 864 });
  },
}));
jest.mock('../../../adapters/aws/scan-requests', () => ({
  ScanRequestQueues: class {
    public sendAll = async () => undefined;
    public backlog = async () => 0;
  },
}));
jest.mock('../../../adapters/aws/sqs-queue', () => ({
  SqsQueue: class {
    public sendAll = async (messages: readonly object[]) => {
      sent.push(...(messages.filter(each => 'repository' in each) as RepositoryMessage[]));
    };
  },
}));
jest.mock('../../../adapters/aws/cached-tags', () => ({ cachedTags: () => [] }));
jest.mock('../../../adapters/aws/telemetry', () => ({
  ...jest.requireActual('../../../adapters/aws/telemetry'),
  count: (name: string, value = 1) => counted.set(name, (counted.get(name) ?? 0) + value),
  percent: (name: string, value: number) => counted.set(name, (counted.get(name) ?? 0) + value),
}));

let handler: (event: SQSEvent | { source: string }, context: Context) => Promise<unknown>;

beforeAll(() => {
  for (const name of Object.values(EnvironmentName)) process.env[name] = '1';
  process.env.AWS_REGION = 'us-east-1';
  process.env[EnvironmentName.repositories] = '[{"by":"all"}]';
  delete process.env[EnvironmentName.revocationBrake];
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
  for (const level of ['info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockReturnValue(undefined);
  }
  ({ handler } = jest.requireActual('../../../lambda/scanning/reconcile.lambda'));
});
beforeEach(() => {
  sent.length = 0;
  counted.clear();
});
afterAll(() => jest.restoreAllMocks());

const context = { invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:it' } as Context;
const receive = (body: object) => handler(sqsEvent([body]), context);

test('the schedule counts what passed once an hour: the share of the alarm MassRevocation is of that', async () => {
  await handler({ source: 'aws.scheduler' }, context);
  expect(sent).toHaveLength(1);
  await receive(sent[0]!);
  expect(counted.get('ImagesPassed')).toBe(1);
  expect(counted.get('ScanLoad')).toBe(1); // one of a hundred that are possible in a day
});

test('where nothing passed there is no load, and no metric that is billed for an hour with data', async () => {
  const { verdict } = row;
  Object.assign(row, { verdict: { ...verdict, outcome: 'FAIL' } });
  await handler({ source: 'aws.scheduler' }, context);
  await receive(sent[0]!);
  Object.assign(row, { verdict });
  expect(counted.get('ImagesRefused')).toBe(1);
  expect(counted.has('ScanLoad')).toBe(false);
});

test('a new policy compares all repositories too, and counts nothing again', async () => {
  await receive(SWEEP);
  expect(sent).toHaveLength(1);
  expect(await receive(sent[0]!)).toEqual({ batchItemFailures: [] });
  expect([...counted.keys()]).toEqual(['ImagesReconciled']);
});

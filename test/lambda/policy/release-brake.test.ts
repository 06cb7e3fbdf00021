import { EnvironmentName } from '../../../src/core/environment';
import type { BrakeEvent } from '../../../src/core/events/brake-events';
import {
  askBrake,
  NO_BRAKE,
  withFailed,
  withPassed,
  withRelease,
  NONE_PASSED,
  type BrakeState,
} from '../../../src/core/register/revocation-brake';
import { CALLER } from '../../core/support/grants';
import { scanId } from '../../core/support/made';

/** The handler as it is deployed, but for the row, the evidence, the bus and the queue. */
const mockRow: { state: BrakeState } = { state: NO_BRAKE };
const mockDone: { written: string[]; published: BrakeEvent[]; sent: unknown[] } = {
  written: [],
  published: [],
  sent: [],
};

jest.mock('../../../adapters/aws/revocation-brake', () => ({
  RevocationBrakeRow: class {
    public load = async () => mockRow.state;
    public release = async (by: Parameters<typeof withRelease>[1], now: Date) => {
      const released = withRelease(mockRow.state, by, now);
      mockRow.state = released?.state ?? mockRow.state;
      return released?.release;
    };
  },
}));
jest.mock('../../../adapters/aws/evidence-bucket', () => ({
  EvidenceBucket: class {
    public writeOnce = async (key: string) => mockDone.written.push(key) > 0;
  },
}));
jest.mock('../../../adapters/aws/event-bus', () => ({
  EventBus: class {
    public publish = async (event: BrakeEvent) => {
      mockDone.published.push(event);
    };
  },
}));
jest.mock('../../../adapters/aws/sqs-queue', () => ({
  SqsQueue: class {
    public send = async (message: unknown) => {
      mockDone.sent.push(message);
    };
  },
}));

let release: (event: unknown) => Promise<{ statusCode: number; body: string }>;

beforeAll(() => {
  for (const name of Object.values(EnvironmentName)) process.env[name] = '1';
  process.env.AWS_REGION = 'us-east-1';
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
  for (const level of ['info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockReturnValue(undefined);
  }
  ({ handler: release } = jest.requireActual('../../../lambda/policy/release-brake.lambda'));
});
beforeEach(() => {
  mockRow.state = pulled();
  Object.assign(mockDone, { written: [], published: [], sent: [] });
});
afterAll(() => jest.restoreAllMocks());

/** Six images of two repositories failed, while ten pass. */
function pulled(): BrakeState {
  const now = new Date();
  let state = NO_BRAKE;
  for (let at = 0; at < 6; at++) {
    state = withFailed(state, { repository: `team/${at % 2}`, verdictId: scanId(at) }, now);
  }
  const passed = withPassed(NONE_PASSED, { repository: 'team/app', images: 10 }, now);
  return askBrake(state, { repository: 'team/app', percent: 20, passed }, now).state;
}

const WANTED = { action: 'release', justification: 'the new policy is right', ticket: 'INC-7' };

/** As AWS Lambda makes it for a URL with IAM. */
const called = (body: object, userArn: string | undefined = CALLER) => ({
  version: '2.0',
  requestContext: { authorizer: { iam: { userArn } } },
  body: JSON.stringify(body),
  isBase64Encoded: false,
});

test('rule 5.13, the brake: a call by the URL releases it, in the name of the caller, as evidence and event', async () => {
  const { statusCode, body } = await release(called(WANTED));
  expect([statusCode, JSON.parse(body).released]).toEqual([
    200,
    expect.objectContaining({ releasedBy: CALLER, ticket: 'INC-7' }),
  ]);
  expect(mockRow.state.pulled).toBeUndefined();
  expect(mockDone.written).toHaveLength(1);
  expect(mockDone.published.map(({ detailType }) => detailType)).toEqual(['Revocation Brake Released']);
  expect(mockDone.sent).toHaveLength(1);
});

test.each<[string, unknown, number, RegExp]>([
  ['an invocation with the body alone', WANTED, 403, /names no caller: call the function by its URL/],
  ['an event whose caller is no ARN', called(WANTED, 'boss'), 403, /names no caller/],
  ['no action', called({ ...WANTED, action: undefined }), 400, /action is missing, allowed: \\"release\\"/],
  ['no reason', called({ ...WANTED, justification: 'x' }), 400, /justification/],
  ['no ticket', called({ ...WANTED, ticket: '' }), 400, /ticket/],
])('%s releases nothing', async (_what, event, code, why) => {
  const { statusCode, body } = await release(event);
  expect([statusCode, body]).toEqual([code, expect.stringMatching(why)]);
  expect(mockRow.state.pulled).toBeDefined();
  expect(mockDone).toEqual({ written: [], published: [], sent: [] });
});

test('a brake that holds nothing has nothing to release', async () => {
  mockRow.state = NO_BRAKE;
  expect(await release(called(WANTED))).toEqual(
    expect.objectContaining({ statusCode: 400, body: expect.stringContaining('the brake holds nothing') }),
  );
});

import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { stackStatus } from '../../../adapters/aws/stack-status';

jest.mock('../../../adapters/aws/telemetry', () => ({ logger: { error: jest.fn() } }));

const STACK = 'arn:aws:cloudformation:us-east-1:000000000000:stack/service/1';

function answering(answer: () => unknown): CloudFormationClient {
  return { send: async () => answer() } as unknown as CloudFormationClient;
}

test('a stack says what it is doing', async () => {
  expect(
    await stackStatus(
      STACK,
      answering(() => ({ Stacks: [{ StackStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' }] })),
    ),
  ).toBe('UPDATE_ROLLBACK_IN_PROGRESS');
});

test.each<[string, () => unknown]>([
  [
    'is denied',
    () => {
      throw new Error('AccessDenied');
    },
  ],
  [
    'is throttled',
    () => {
      throw new Error('Throttling');
    },
  ],
  ['knows no such stack', () => ({ Stacks: [] })],
])(
  'who %s gets no status, and no error: a stack on its way back is not held up by it',
  async (_why, answer) => {
    expect(await stackStatus(STACK, answering(answer))).toBeUndefined();
  },
);

import type { CloudFormationCustomResourceCreateEvent, Context } from 'aws-lambda';
import { answerInTime } from '../../../adapters/aws/answer-in-time';
import type { CloudFormationAnswers } from '../../../adapters/aws/cloudformation-answers';
import { Seconds } from '../../../src/core/times';

const EVENT = {
  RequestType: 'Create',
  ResponseURL: 'https://example.com/secret',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Policy',
} as CloudFormationCustomResourceCreateEvent;

/** What CloudFormation hears, with this time left before the reserve. */
async function answered(whyNot: () => Promise<string | undefined>, milliseconds = 60_000): Promise<unknown> {
  const send = jest.fn(() => Promise.resolve());
  const left = Seconds.answerReserve * 1000 + milliseconds;
  await answerInTime(
    EVENT,
    { getRemainingTimeInMillis: () => left, logGroupName: 'logs' } as Context,
    { answers: { send } as unknown as CloudFormationAnswers, what: 'the publisher', id: 'policy' },
    whyNot,
  );
  expect(send).toHaveBeenCalledTimes(1);
  const [[asker, answer]] = send.mock.calls as unknown as [[object, unknown]];
  expect(asker).toMatchObject({ RequestId: 'request', PhysicalResourceId: 'policy' });
  return answer;
}

test('what is done is answered with its id', async () => {
  expect(await answered(async () => undefined)).toEqual({ PhysicalResourceId: 'policy' });
});

test.each<[string, () => Promise<string | undefined>, string]>([
  ['what is refused', async () => 'no', 'no'],
  ['what fails', async () => Promise.reject(new Error('denied')), 'the publisher failed: denied'],
])('%s fails the resource, with the reason', async (_, whyNot, reason) => {
  expect(await answered(whyNot)).toEqual({ reason });
});

test('what takes too long is answered while there is time to', async () => {
  expect(await answered(() => new Promise(() => undefined), 1)).toEqual({
    reason: 'the publisher had no answer of AWS in time; its log says of what: logs',
  });
});

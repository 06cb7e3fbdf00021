import { isPassing, isThrottling } from '../../../adapters/aws/passing-error';

const error = (more: object) => Object.assign(new Error('no'), more);

test.each([
  [{ name: 'ThrottlingException' }, true],
  [{ name: 'ProvisionedThroughputExceededException' }, true],
  [{ name: 'SlowDown' }, true],
  [{ name: 'Unknown', $retryable: { throttling: true } }, true],
  [{ $metadata: { httpStatusCode: 503 } }, true],
  [{ $metadata: { httpStatusCode: 429 } }, true],
  [{ $metadata: { httpStatusCode: 404 } }, false],
  [{ name: 'AccessDeniedException' }, false],
  [{ name: 'LimitExceededException' }, false],
])('rule 4.7, backpressure and dead letters: %j is throttling: %s', (more, is) => {
  expect([isThrottling(error(more)), isPassing(error(more))]).toEqual([is, is]);
});

test.each([
  { name: 'TimeoutError' },
  { code: 'ECONNRESET' },
  { name: 'TypeError', cause: error({ code: 'UND_ERR_SOCKET' }) },
])('%j passes, and counts as a failure of the message if it does not', more => {
  expect([isThrottling(error(more)), isPassing(error(more))]).toEqual([false, true]);
});

test('what is no error does not pass', () => {
  expect(isPassing('TimeoutError')).toBe(false);
});

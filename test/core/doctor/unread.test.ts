import { ageText, firstFew } from '../../../src/core/doctor/line';
import { unread } from '../../../src/core/doctor/unread';

const NEEDED = [{ action: 'sns:ListSubscriptionsByTopic', resource: 'arn:aws:sns:us-east-1:1:Alerts' }];
const denied = (message: string) =>
  unread(NEEDED, { name: 'AccessDeniedException', message, isDenied: true }).value;

test('a refusal: the right is named as AWS names it, in the writing of IAM', () => {
  expect(
    denied(
      'User: arn:aws:sts::1:assumed-role/R/s is not authorized to perform: SNS:ListSubscriptionsByTopic on resource: arn:aws:sns:us-east-1:1:Alerts because no identity-based policy allows the SNS:ListSubscriptionsByTopic action',
    ),
  ).toBe('not allowed to read: sns:ListSubscriptionsByTopic on arn:aws:sns:us-east-1:1:Alerts');
});

test('a right that the check does not know it needs is named too', () => {
  expect(denied('User: x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:r:1:key/2')).toBe(
    'not allowed to read: kms:Decrypt on arn:aws:kms:r:1:key/2',
  );
});

test.each(['Access Denied', '', 'User: x is not authorized to perform: sns:ListSubscriptionsByTopic'])(
  'where AWS does not say enough (%j), what the check needs is named',
  message => {
    expect(denied(message)).toBe(
      'not allowed to read: sns:ListSubscriptionsByTopic on arn:aws:sns:us-east-1:1:Alerts',
    );
  },
);

test('any other error is shown in one line', () => {
  expect(
    unread(NEEDED, { name: 'TimeoutError', message: 'no\nanswer\u001b[31m', isDenied: false }),
  ).toMatchObject({
    state: 'unknown',
    value: 'not read: TimeoutError: no answer',
    remedy: expect.any(String),
  });
});

test.each([
  [0, '0 minutes'],
  [119 * 60, '119 minutes'],
  [120 * 60, '2 hours'],
  [71 * 3600, '71 hours'],
  [72 * 3600, '3 days'],
])('%d seconds are %s', (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});

test('a line has room for three names', () => {
  expect(firstFew(['a', 'b', 'c'])).toBe('a, b, c');
  expect(firstFew(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});

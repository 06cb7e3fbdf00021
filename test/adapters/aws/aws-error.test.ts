import * as z from 'zod';
import { asking, couldNotAsk } from '../../../adapters/aws/aws-error';
import { UserError, usageError } from '../../../src/core/user-error';

const named = (name: string, message = 'said', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

test.each<[string, unknown, RegExp]>([
  [
    'no credentials',
    named('CredentialsProviderError'),
    /^no AWS credentials: name an existing profile in AWS_PROFILE, or sign in .* \(CredentialsProviderError: said\)$/,
  ],
  ['no region', new Error('Region is missing'), /^no AWS region: set AWS_REGION/],
  [
    'a session that ended',
    named('ExpiredToken', 'expired', { $metadata: { httpStatusCode: 403 } }),
    /^AWS does not accept these credentials: sign in again/,
  ],
  [
    'no right',
    named('AccessDeniedException', 'User: x is not authorized to perform: dynamodb:GetItem'),
    /^these credentials may not ask: .*dynamodb:GetItem\)$/,
  ],
  [
    "no right, in a service's own words",
    named('Mystery', 'no', { $metadata: { httpStatusCode: 403 } }),
    /^these credentials may not ask/,
  ],
  ['throttling', named('ThrottlingException'), /^AWS has had too many requests: try again/],
  ['a table that is gone', named('ResourceNotFoundException'), /^a resource of the stack is not there/],
  ['a repository that is none', named('RepositoryNotFoundException'), /^there is no such repository/],
  [
    'no network',
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    /^AWS cannot be reached: .*\(ECONNREFUSED: connect\)$/,
  ],
  [
    'a row of a newer version',
    z.object({ schema: z.literal(1) }).safeParse({}).error,
    /^this version cannot read what was found/,
  ],
  ['anything else', new Error('broken'), /^broken$/],
  ['what is no error', 'text', /^text$/],
])('%s: one line, and 2', (_, error, says) => {
  expect(couldNotAsk(error)).toMatchObject({
    kind: 'indeterminate',
    message: expect.stringMatching(says),
  });
});

test('what an image or a server says in it cannot write to the terminal', () => {
  expect(couldNotAsk(named('AccessDenied', 'a\u001b[2J\nb\u202ec')).message).toMatch(
    /\(AccessDenied: a bc\)$/,
  );
});

test('what is said already stays, with its exit code', async () => {
  const error = usageError('wrong');
  await expect(
    asking(async () => {
      throw error;
    }),
  ).rejects.toBe(error);
  await expect(
    asking(async () => {
      throw new Error('x');
    }),
  ).rejects.toBeInstanceOf(UserError);
});

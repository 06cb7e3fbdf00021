import { callerOf, readBody } from '../../../src/core/trust/function-url';

/** Of https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, cut to what is said of the caller. */
const DOCUMENTED = {
  version: '2.0',
  requestContext: {
    accountId: '123456789012',
    authentication: null,
    authorizer: {
      iam: {
        accessKey: 'AKIAIOSFODNN7EXAMPLE',
        accountId: '111122223333',
        callerId: 'AIDACKCEVSQ6C2EXAMPLE',
        cognitoIdentity: null,
        principalOrgId: null,
        userArn: 'arn:aws:iam::111122223333:user/example-user',
        userId: 'AIDACOSFODNN7EXAMPLE2',
      },
    },
  },
  body: 'Hello from client!',
  isBase64Encoded: false,
};

test('rule 5.11, break-glass: the caller is who AWS names', () => {
  expect(callerOf(DOCUMENTED)).toBe('arn:aws:iam::111122223333:user/example-user');
});

test.each<[string, unknown]>([
  ['without IAM', { ...DOCUMENTED, requestContext: { accountId: 'anonymous' } }],
  ['of a plain invocation', { action: 'grant', caller: 'arn:aws:iam::111122223333:user/boss' }],
  ['whose body names one', { body: JSON.stringify({ requestContext: DOCUMENTED.requestContext }) }],
  ['of nothing', undefined],
])('an event %s has no caller', (_what, event) => {
  expect(callerOf(event)).toBeUndefined();
});

test('the body is JSON, as text or in base64', () => {
  expect(readBody({ body: '{"action":"end"}' })).toEqual({ action: 'end' });
  const body = Buffer.from('{"action":"end"}').toString('base64');
  expect(readBody({ body, isBase64Encoded: true })).toEqual({ action: 'end' });
  expect(readBody(DOCUMENTED)).toBeUndefined();
  expect(readBody({})).toBeUndefined();
});

import {
  letsIn,
  type ForeignCall,
  type ResourcePolicy,
} from '../../../../local/cloud/accounts/resource-policy';

const CALLER = '222222222222';
const ROOT = { AWS: `arn:aws:iam::${CALLER}:root` };
const call = (keys: Record<string, string[]> = {}, action = 'dynamodb:GetItem') => ({
  account: CALLER,
  action,
  keys: { 'aws:principalaccount': [CALLER], ...keys },
});
const policy = (...Statement: object[]) => ({ Statement }) as ResourcePolicy;
const allow = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: ROOT,
  Action: 'dynamodb:GetItem',
  ...more,
});
const rows = {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['111111111111.us-east-1/*'] },
  Null: { 'dynamodb:LeadingKeys': 'false' },
};
const ofOrganization = { StringEquals: { 'aws:PrincipalOrgID': 'o-embedded01' } };
const image = ['111111111111.us-east-1/team/app@sha256:a'];

test.each<[what: string, isIn: boolean, given: ResourcePolicy, asked: ForeignCall]>([
  ['a named account', true, policy(allow()), call()],
  ['another account', false, policy(allow({ Principal: { AWS: 'arn:aws:iam::333333333333:root' } })), call()],
  [
    'a role, which nobody knows here',
    false,
    policy(allow({ Principal: { AWS: `arn:aws:iam::${CALLER}:role/R` } })),
    call(),
  ],
  ['a service', false, policy(allow({ Principal: { Service: 'lambda.amazonaws.com' } })), call()],
  [
    'the service that is named',
    true,
    policy(allow({ Principal: { Service: 'ecs.amazonaws.com' } })),
    { ...call(), service: 'ecs.amazonaws.com' },
  ],
  [
    'another service',
    false,
    policy(allow({ Principal: { Service: 'ecs.amazonaws.com' } })),
    { ...call(), service: 'lambda.amazonaws.com' },
  ],
  [
    'a service where its account is named',
    false,
    policy(allow()),
    { ...call(), service: 'ecs.amazonaws.com' },
  ],
  ['another action', false, policy(allow()), call({}, 'dynamodb:PutItem')],
  ['nobody', false, policy(), call()],
  ['a denial beside it', false, policy(allow(), { ...allow(), Effect: 'Deny', Principal: '*' }), call()],
  [
    'a denial of something else',
    true,
    policy(allow(), { ...allow({ Action: 'dynamodb:PutItem' }), Effect: 'Deny' }),
    call(),
  ],
  ['a row of an image', true, policy(allow({ Condition: rows })), call({ 'dynamodb:leadingkeys': image })],
  ['another row', false, policy(allow({ Condition: rows })), call({ 'dynamodb:leadingkeys': ['SCANS'] })],
  ['a call without a row', false, policy(allow({ Condition: rows })), call()],
  [
    'its organization',
    true,
    policy(allow({ Principal: '*', Condition: ofOrganization })),
    call({ 'aws:principalorgid': ['o-embedded01'] }),
  ],
  ['no organization', false, policy(allow({ Principal: '*', Condition: ofOrganization })), call()],
  [
    'a key that counts only if it is there',
    true,
    policy(allow({ Condition: { StringEqualsIfExists: { 'aws:SourceAccount': '111111111111' } } })),
    call(),
  ],
  [
    'the same key with another value',
    false,
    policy(allow({ Condition: { StringEqualsIfExists: { 'aws:SourceAccount': '111111111111' } } })),
    call({ 'aws:sourceaccount': ['333333333333'] }),
  ],
  [
    'a negated condition on a key that is not there',
    true,
    policy(allow({ Condition: { ArnNotLike: { 'aws:PrincipalArn': ['x'] } } })),
    call(),
  ],
])('%s: %s', (_what, isIn, given, asked) => {
  expect(letsIn(given, asked)).toBe(isIn);
});

test('what it cannot read is an error, and lets nobody in', () => {
  const dated = policy(allow({ Condition: { DateLessThan: { 'aws:CurrentTime': '2030-01-01' } } }));
  expect(() => letsIn(dated, call({ 'aws:currenttime': ['2026-01-01'] }))).toThrow(
    'the operator DateLessThan cannot be judged',
  );
});

test.each([
  ['a role', { AWS: `arn:aws:iam::${CALLER}:role/R` }],
  ['nobody, as with NotPrincipal', undefined],
])('a Deny that names %s is an error', (_what, Principal) => {
  expect(() => letsIn(policy(allow(), { ...allow({ Principal }), Effect: 'Deny' }), call())).toThrow(
    'a Deny that names anything but accounts or everybody cannot be judged',
  );
});

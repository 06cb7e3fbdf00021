import { whyQuotaIsExceeded } from '../../../local/cloud/cloudformation/quotas';
import type { Template } from '../../../local/cloud/cloudformation/template';

test('a template has 60 dynamic references at most', () => {
  const template = (count: number): Template => ({
    Resources: {
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: { Names: Array.from({ length: count }, (_, i) => `x{{resolve:ssm:/name/${i}}}`) },
      },
    },
  });
  expect(whyQuotaIsExceeded(template(60))).toBeUndefined();
  expect(whyQuotaIsExceeded(template(61))).toBe('the template has 61 dynamic references, allowed: 60');
});

describe('the policy of a queue', () => {
  const policy = (...Statement: object[]): Template => ({
    Resources: { Policy: { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument: { Statement } } } },
  });
  const times = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, i) => make(i));
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage' };
  const accounts = (count: number) => ({ ...statement, Principal: { AWS: times(count, String) } });
  const condition = (count: number) => ({
    ...statement,
    Condition: { StringEquals: { 'aws:PrincipalOrgID': times(count, String) } },
  });

  test.each<[why: string, within: object[], over: object[]]>([
    ['21 statements, allowed: 20', times(20, () => statement), times(21, () => statement)],
    ['51 principals, allowed: 50', [accounts(49), statement], [accounts(50), statement]],
    ['11 conditions, allowed: 10', [condition(9), condition(1)], [condition(9), condition(2)]],
    [
      '9013 bytes, allowed: 8192',
      [{ ...statement, Sid: 'x'.repeat(8000) }],
      [{ ...statement, Sid: 'x'.repeat(8927) }],
    ],
  ])('%s', (why, within, over) => {
    expect(whyQuotaIsExceeded(policy(...within))).toBeUndefined();
    expect(whyQuotaIsExceeded(policy(...over))).toBe(`Policy: the policy of the queue has ${why}`);
  });
});

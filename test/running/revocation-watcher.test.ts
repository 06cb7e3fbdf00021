import { runInNewContext } from 'node:vm';
import { Match } from 'aws-cdk-lib/assertions';
import { RevocationWatcher } from '../../src';
import { rightsOf, roleStatements, trustStack } from '../support/synthesise';

interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Stat: string;
    readonly Period: number;
    readonly Metric: { readonly MetricName: string };
  };
}

test('rules 5.3 and 5.12: it reads what runs, tells the team, and publishes its own event alone', () => {
  const made = trustStack();
  const { register, events, alerts } = made.trust;
  new RevocationWatcher(made.stack, 'Revocations', { register, events, alerts });
  const statements = roleStatements(made.template).get('RevocationsRole')!;
  expect(rightsOf(statements)).toEqual([
    'Allow dynamodb:DeleteItem RevocationsSent',
    'Allow dynamodb:GetItem RevocationsSent',
    'Allow dynamodb:GetItem TrustRegister',
    'Allow dynamodb:PutItem RevocationsSent',
    'Allow dynamodb:UpdateItem RevocationsSent',
    'Allow ecs:DescribeServices *',
    'Allow ecs:DescribeTaskDefinition *',
    'Allow ecs:DescribeTasks *',
    'Allow ecs:ListClusters *',
    'Allow ecs:ListServices *',
    'Allow ecs:ListTasks *',
    'Allow events:PutEvents TrustEvents',
    'Allow kms:Decrypt TrustAlertsKey',
    'Allow kms:GenerateDataKey TrustAlertsKey',
    'Allow lambda:GetFunction *',
    'Allow lambda:ListFunctions *',
    'Allow sns:Publish TrustAlertsTopic',
    'Allow sqs:SendMessage RevocationsEvents',
    'Allow sqs:SendMessage RevocationsEventsDeadLetters',
  ]);
  // rows of images, and the row that says who imports the trust
  const ofRows = statements.filter(({ resources }) => JSON.stringify(resources).includes('TrustRegister'));
  expect(ofRows.map(({ condition }) => condition)).toEqual([
    { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*@sha256:*'] } },
    { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['IMPORTERS'] } },
  ]);
  expect(statements.filter(({ actions }) => actions.includes('events:PutEvents'))).toMatchObject([
    { condition: { StringEquals: { 'events:detail-type': ['Revoked Image Located'] } } },
  ]);
});

describe('the alarm MassRevocation', () => {
  const made = trustStack();
  const { register, events, alerts } = made.trust;
  new RevocationWatcher(made.stack, 'Revocations', { register, events, alerts });
  const { Properties: alarm } = Object.values(
    made.template.findResources('AWS::CloudWatch::Alarm', {
      Properties: { AlarmDescription: Match.stringLikeRegexp('^Many images were revoked') },
    }),
  )[0]!;
  const metrics = (alarm.Metrics as MetricDataQuery[]).map(({ Id, Expression, MetricStat: stat }) => ({
    Id,
    Expression,
    ...(stat !== undefined && { of: `${stat.Stat} of ${stat.Metric.MetricName} in ${stat.Period} seconds` }),
  }));

  test('looks at an hour of revocations, and at the images that passed, which reconcile counts once in it', () => {
    expect(metrics).toEqual([
      { Id: 'expr_1', Expression: expect.any(String) },
      { Id: 'revoked', of: 'Sum of ImagesRevoked in 3600 seconds' },
      { Id: 'passed', of: 'Sum of ImagesPassed in 3600 seconds' },
    ]);
    expect(alarm).toMatchObject({
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 20,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: [expect.anything()],
    });
  });

  /** CloudWatch's own functions, as it documents them. An expression of them reads as JavaScript too. */
  const functions = {
    IF: (condition: boolean, then: number, otherwise: number) => (condition ? then : otherwise),
    FILL: (metric: number | undefined, value: number) => metric ?? value,
  };
  const goesOff = (revoked: number, passed: number | undefined) =>
    (runInNewContext(metrics[0]!.Expression!, { ...functions, revoked, passed }) as number) > alarm.Threshold;

  test.each<[string, number, number | undefined, boolean]>([
    ['a fifth', 20, 80, false],
    ['more than a fifth', 21, 79, true],
    ['all there are', 5, 0, true],
    ['all but few of less than five', 4, 1, false],
    ['five of twenty', 5, 15, true],
    ['five of many', 5, 1000, false],
    ['none', 0, 0, false],
    ['five, where nobody counted the rest', 5, undefined, true],
    ['four, where nobody counted the rest', 4, undefined, false],
  ])('goes off for more than a fifth, and at least five: %s', (_, revoked, passed, does) => {
    expect(goesOff(revoked, passed)).toBe(does);
  });
});

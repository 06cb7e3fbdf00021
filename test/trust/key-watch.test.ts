import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ImageTrust, RepositorySelector, SigningKey } from '../../src';
import { nameOf, newStack, resourcePolicy, text, trustStack } from '../support/synthesise';

/** Which keys and names a rule is about, and where its events go. */
function watched(template: Template): { arns: string[]; targets: string[] } {
  const [
    {
      Properties: { EventPattern, Targets },
    },
    ...more
  ] = Object.values(
    template.findResources('AWS::Events::Rule', { Properties: { EventPattern: { source: ['aws.kms'] } } }),
  ) as any[];
  expect(more).toEqual([]);
  return {
    arns: EventPattern.detail.resources.ARN.map(text),
    targets: Targets.map(({ Arn }: any) => text(Arn)),
  };
}

describe('calls after which somebody else may sign, or nobody', () => {
  const { trust, template } = trustStack();

  test('are matched, whatever they change: the policy, the key, a grant, its name', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      State: 'ENABLED',
      EventBusName: Match.absent(), // AWS CloudTrail sends to the default one
      EventPattern: {
        source: ['aws.kms'],
        'detail-type': ['AWS API Call via CloudTrail'],
        account: [{ Ref: 'AWS::AccountId' }],
        region: [{ Ref: 'AWS::Region' }],
        detail: {
          eventName: [
            'CreateGrant',
            'DeleteAlias',
            'DisableKey',
            'PutKeyPolicy',
            'ScheduleKeyDeletion',
            'UpdateAlias',
          ],
          resources: { ARN: Match.anyValue() },
        },
      },
    });
  });

  test('are of the key that signs, and of its alias: a call that moves the alias away names the other key', () => {
    expect(watched(template).arns).toEqual([
      'TrustSigningKey',
      `arn:Partition:kms:Region:AccountId:${trust.signer.key.aliasName}`,
    ]);
  });

  test('wait in a queue until somebody has read them; nobody but the rule may put anything there', () => {
    expect(watched(template).targets).toEqual(['TrustSignerKeyChanges']);
    const [queue] = Object.entries(template.findResources('AWS::SQS::Queue'))
      .filter(([id]) => nameOf(id) === 'TrustSignerKeyChanges')
      .map(([, { Properties }]) => Properties);
    expect(queue).toEqual({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
    const allowed = resourcePolicy(template, 'AWS::SQS::QueuePolicy', 'TrustSignerKeyChangesPolicy').filter(
      ({ effect }) => effect === 'Allow',
    );
    expect(
      allowed.map(({ principal, condition }) => [principal, text(condition.ArnEquals['aws:SourceArn'])]),
    ).toEqual([['events.amazonaws.com', 'TrustSignerKeyChangesRule']]);
    expect(
      Object.values(template.findResources('AWS::Lambda::EventSourceMapping')).map(({ Properties }) =>
        text(Properties.EventSourceArn),
      ),
    ).not.toContain('TrustSignerKeyChanges');
  });

  test('raise an alarm, that goes to the people who get alerts', () => {
    const [alarm] = Object.entries(template.findResources('AWS::CloudWatch::Alarm'))
      .filter(([id]) => nameOf(id) === 'TrustSignerKeyChangesAlarm')
      .map(([, { Properties }]) => Properties);
    expect(alarm).toMatchObject({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
    const [metric] = alarm!.Metrics.flatMap(({ MetricStat }: any) => MetricStat?.Metric ?? []);
    expect(metric.MetricName).toBe('ApproximateNumberOfMessagesVisible');
    expect(metric.Dimensions.map(({ Value }: any) => text(Value))).toEqual(['TrustSignerKeyChanges']);
    expect(alarm!.AlarmActions.map(text)).toEqual(['TrustAlertsTopic']);
  });
});

test('former keys are watched for as long as gates believe them, made here or not', () => {
  const stack = newStack();
  const [key, before] = ['Key', 'Before'].map(
    id => new SigningKey(stack, id, { aliasName: id.toLowerCase() }),
  ) as [SigningKey, SigningKey];
  const formerKeys = [
    before.key,
    Key.fromKeyArn(stack, 'Imported', 'arn:aws:kms:eu-west-1:123456789012:key/first'),
  ].map(each => ({ key: each, acceptedUntil: '2127-01-31T00:00:00Z' }));
  new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.all()], signing: { key, formerKeys } });
  expect(watched(Template.fromStack(stack)).arns).toEqual([
    'Key',
    'arn:Partition:kms:Region:AccountId:alias/key',
    'Before',
    'arn:aws:kms:eu-west-1:123456789012:key/first',
  ]);
});

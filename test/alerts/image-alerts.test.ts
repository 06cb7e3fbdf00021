import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AlertFormat, ImageAlerts, TrustEvents, TrustRegister, type ImageAlertsProps } from '../../src';
import { newStack, resourcePolicy, roleStatements, text } from '../support/synthesise';

interface Alerts { readonly alerts: ImageAlerts; readonly stack: Stack; readonly template: Template }

function alertsStack(props: (stack: Stack) => Partial<ImageAlertsProps> = () => ({})): Alerts {
  const stack = newStack();
  const alerts = new ImageAlerts(stack, 'Alerts', { events: new TrustEvents(stack, 'Events'), register: new TrustRegister(stack, 'Register'), ...props(stack) });
  return { alerts, stack, get template() { return Template.fromStack(stack); } };
}

describe('by default', () => {
  const { alerts, template } = alertsStack();

  test('a topic with a key of its own, and nothing in the clear', () => {
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('AlertsKey'), 'Arn'] } });
    expect(resourcePolicy(template, 'AWS::SNS::TopicPolicy', 'AlertsPolicy')).toContainEqual(expect.objectContaining({ effect: 'Deny', actions: ['sns:Publish'], condition: { Bool: { 'aws:SecureTransport': 'false' } } }));
  });

  test('alarms of this account may publish: a topic\'s own policy replaces the default one, that allowed it', () => {
    expect(resourcePolicy(template, 'AWS::SNS::TopicPolicy', 'AlertsPolicy').filter(({ effect }) => effect === 'Allow')).toEqual([
      { sid: 'Alarms', effect: 'Allow', principal: 'cloudwatch.amazonaws.com', actions: ['sns:Publish'], resources: ['Alerts'], condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } },
    ]);
  });

  test('the account, CloudWatch, EventBridge and the notifier may use the key; nobody may but by name', () => {
    expect(resourcePolicy(template, 'AWS::KMS::Key', 'AlertsKey', 'KeyPolicy')).toEqual([
      { sid: undefined, effect: 'Allow', principal: 'arn:Partition:iam::AccountId:root', actions: ['kms:*'], resources: ['*'] },
      { sid: undefined, effect: 'Allow', principal: 'cloudwatch.amazonaws.com,events.amazonaws.com', actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['*'] },
    ]);
    expect(roleStatements(template).get('AlertsNotifierRole')).toContainEqual(expect.objectContaining({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['AlertsKey'] }));
  });

  test('people hear of verdicts that changed, and of every scan that could not tell', () => {
    template.hasResourceProperties('AWS::Events::Rule', { EventPattern: Match.objectLike({ 'detail-type': ['Image Verdict'], 'detail': { changed: [true] } }) });
    template.hasResourceProperties('AWS::Events::Rule', { EventPattern: Match.objectLike({ 'detail-type': ['Image Scan Failed'], 'detail': Match.absent() }) });
  });

  test('what was sent is remembered for a while, in a table of its own', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', { KeySchema: [{ AttributeName: 'alert', KeyType: 'HASH' }], TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true } });
  });

  test('alerts are text', () => {
    expect(alerts._format).toBe(AlertFormat.TEXT);
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: Match.objectLike({ ALERT_FORMAT: 'TEXT', ALERTS_TOPIC_ARN: { Ref: Match.stringLikeRegexp('Alerts') } }) } });
  });
});

test('for chat', () => {
  alertsStack(() => ({ format: AlertFormat.CHAT })).template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: Match.objectLike({ ALERT_FORMAT: 'CHAT' }) } });
});

test('a topic of your own is the only one, and its policy is yours', () => {
  const { template } = alertsStack(stack => ({ topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:123456789012:mine') }));
  for (const type of ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'AWS::KMS::Key']) template.resourceCountIs(type, 0);
  expect(roleStatements(template).get('AlertsNotifierRole')).toContainEqual(expect.objectContaining({ actions: ['sns:Publish'], resources: ['arn:aws:sns:eu-west-1:123456789012:mine'] }));
});

describe('a rule whose events go to the same people', () => {
  const { alerts, stack } = alertsStack();
  const rule = new Rule(stack, 'Rule', { eventPattern: { source: ['aws.kms'] } });
  alerts._addRule(rule);
  const template = Template.fromStack(stack);

  test('sends them as they are', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.kms'] }, Targets: [{ Arn: { Ref: Match.stringLikeRegexp('^Alerts') }, Id: 'Target0', RoleArn: Match.absent(), Input: Match.absent(), InputTransformer: Match.absent() }],
    });
  });

  test('may publish: without a condition, since EventBridge fills none in where it publishes to a topic', () => {
    expect(resourcePolicy(template, 'AWS::SNS::TopicPolicy', 'AlertsPolicy').filter(({ principal }) => principal === 'events.amazonaws.com')).toEqual([
      { sid: '2', effect: 'Allow', principal: 'events.amazonaws.com', actions: ['sns:Publish'], resources: ['Alerts'] },
    ]);
  });

  test('may use the key, as CDK adds it too', () => {
    expect(resourcePolicy(template, 'AWS::KMS::Key', 'AlertsKey', 'KeyPolicy').slice(1).map(({ principal, actions }) => `${principal}: ${actions.join(' ')}`)).toEqual([
      'cloudwatch.amazonaws.com,events.amazonaws.com: kms:Decrypt kms:GenerateDataKey', 'events.amazonaws.com: kms:Decrypt kms:GenerateDataKey*',
    ]);
  });
});

test('an alarm of your own goes to the same people', () => {
  const { alerts, stack } = alertsStack();
  alerts.addAlarm(new Alarm(stack, 'Mine', { metric: new Metric({ namespace: 'Mine', metricName: 'Mine' }), threshold: 1, evaluationPeriods: 1 }));
  const [mine] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm', { Properties: { Namespace: 'Mine' } }));
  expect(mine!.Properties.AlarmActions.map(text)).toEqual(['Alerts']);
});

import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm, AlarmRule, AlarmState, CompositeAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AlertFormat, ImageAlerts, TrustEvents, TrustRegister, type ImageAlertsProps } from '../../src';
import { environmentOf, newStack, resourcePolicy, roleStatements, text } from '../support/synthesise';

interface Alerts {
  readonly alerts: ImageAlerts;
  readonly stack: Stack;
  readonly template: Template;
}

function alertsStack(props: (stack: Stack) => Partial<ImageAlertsProps> = () => ({})): Alerts {
  const stack = newStack();
  const alerts = new ImageAlerts(stack, 'Alerts', {
    events: new TrustEvents(stack, 'Events'),
    register: new TrustRegister(stack, 'Register'),
    ...props(stack),
  });
  return {
    alerts,
    stack,
    get template() {
      return Template.fromStack(stack);
    },
  };
}

describe('by default', () => {
  const { alerts, template } = alertsStack();

  test('a topic with a key of its own, and nothing in the clear', () => {
    template.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('AlertsKey'), 'Arn'] },
    });
    expect(resourcePolicy(template, 'AWS::SNS::TopicPolicy', 'AlertsTopicPolicy')).toContainEqual(
      expect.objectContaining({
        effect: 'Deny',
        actions: ['sns:Publish'],
        condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test("alarms of this account may publish, and nobody else: a topic's own policy replaces the default one, that allowed it", () => {
    expect(
      resourcePolicy(template, 'AWS::SNS::TopicPolicy', 'AlertsTopicPolicy').filter(
        ({ effect }) => effect === 'Allow',
      ),
    ).toEqual([
      {
        sid: 'Alarms',
        effect: 'Allow',
        principal: 'cloudwatch.amazonaws.com',
        actions: ['sns:Publish'],
        resources: ['AlertsTopic'],
        condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  test('the account, CloudWatch and the notifier may use the key; nobody may but by name', () => {
    expect(resourcePolicy(template, 'AWS::KMS::Key', 'AlertsKey', 'KeyPolicy')).toEqual([
      {
        sid: undefined,
        effect: 'Allow',
        principal: 'arn:Partition:iam::AccountId:root',
        actions: ['kms:*'],
        resources: ['*'],
      },
      {
        sid: undefined,
        effect: 'Allow',
        principal: 'cloudwatch.amazonaws.com',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      },
    ]);
    expect(roleStatements(template).get('AlertsNotifierRole')).toContainEqual(
      expect.objectContaining({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['AlertsKey'] }),
    );
  });

  test('people hear of verdicts that changed, and of every scan that was indeterminate', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ 'detail-type': ['Image Verdict'], detail: { changed: [true] } }),
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ 'detail-type': ['Image Scan Failed'], detail: Match.absent() }),
    });
  });

  test('what was sent is remembered for a while, in a table of its own', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: [{ AttributeName: 'alert', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
    });
  });

  test('alerts are text', () => {
    expect(alerts._format).toBe(AlertFormat.TEXT);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          ALERT_FORMAT: 'TEXT',
          ALERTS_TOPIC_ARN: { Ref: Match.stringLikeRegexp('Alerts') },
        }),
      },
    });
  });
});

test('for chat', () => {
  alertsStack(() => ({ format: AlertFormat.CHAT })).template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ ALERT_FORMAT: 'CHAT' }) },
  });
});

test('a topic of your own is the only one, and its policy is yours', () => {
  const { template } = alertsStack(stack => ({
    topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:123456789012:mine'),
  }));
  for (const type of ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'AWS::KMS::Key']) {
    template.resourceCountIs(type, 0);
  }
  expect(roleStatements(template).get('AlertsNotifierRole')).toContainEqual(
    expect.objectContaining({
      actions: ['sns:Publish'],
      resources: ['arn:aws:sns:eu-west-1:123456789012:mine'],
    }),
  );
});

describe('who gets the alerts', () => {
  const code = {
    code: Code.fromInline('exports.handler = () => undefined'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  };
  const protocols = (stack: Stack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::SNS::Subscription')).map(({ Properties }) => [
      Properties.Protocol,
      text(Properties.TopicArn),
    ]);

  test('a function of the same stack, a queue, and somebody by e-mail', () => {
    const { alerts, stack } = alertsStack();
    for (const subscription of [
      new LambdaSubscription(new Function(stack, 'Function', code)),
      new SqsSubscription(new Queue(stack, 'Queue')),
      new EmailSubscription('platform@example.com'),
    ]) {
      alerts.addSubscription(subscription);
    }
    expect(protocols(stack).sort()).toEqual([
      ['email', 'AlertsTopic'],
      ['lambda', 'AlertsTopic'],
      ['sqs', 'AlertsTopic'],
    ]);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'sns.amazonaws.com',
      SourceArn: { Ref: Match.stringLikeRegexp('^AlertsTopic') },
    });
  });

  test('a function of another stack', () => {
    const { alerts, stack } = alertsStack();
    const other = new Stack(stack.node.root as App, 'Other');
    alerts.addSubscription(new LambdaSubscription(new Function(other, 'Function', code)));
    Template.fromStack(other).hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'lambda' });
  });
});

describe('metrics', () => {
  const { alerts, stack, template } = alertsStack();
  const service = environmentOf(template, 'Sends alerts').POWERTOOLS_SERVICE_NAME;

  test.each([
    ['DeploymentsRefused', alerts.metricDeploymentsRefused()],
    ['RefusalsIgnored', alerts.metricRefusalsIgnored()],
  ])('%s, of this trust', (metricName, metric) => {
    expect(stack.resolve(metric)).toMatchObject({
      namespace: 'TrustedImages',
      metricName,
      statistic: 'Sum',
      period: Duration.minutes(5),
      dimensions: { service },
    });
  });

  test('as you like them', () => {
    expect(
      alerts.metricDeploymentsRefused({ period: Duration.hours(1), statistic: 'Maximum' }),
    ).toMatchObject({ period: Duration.hours(1), statistic: 'Maximum' });
  });
});

test('an alarm of your own goes to the same people', () => {
  const { alerts, stack } = alertsStack();
  alerts.addAlarm(
    new Alarm(stack, 'Mine', {
      metric: new Metric({ namespace: 'Mine', metricName: 'Mine' }),
      threshold: 1,
      evaluationPeriods: 1,
    }),
  );
  const [mine] = Object.values(
    Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm', { Properties: { Namespace: 'Mine' } }),
  );
  expect(mine!.Properties.AlarmActions.map(text)).toEqual(['AlertsTopic']);
});

test('a composite alarm of your own goes there too', () => {
  const { alerts, stack } = alertsStack();
  const mine = new Alarm(stack, 'Mine', {
    metric: new Metric({ namespace: 'Mine', metricName: 'Mine' }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  alerts.addAlarm(
    new CompositeAlarm(stack, 'Both', { alarmRule: AlarmRule.fromAlarm(mine, AlarmState.ALARM) }),
  );
  const [both] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::CompositeAlarm'));
  expect(both!.Properties.AlarmActions.map(text)).toEqual(['AlertsTopic']);
});

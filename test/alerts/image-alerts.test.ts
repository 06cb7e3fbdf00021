import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm, AlarmRule, AlarmState, CompositeAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AlertTopic, ImageAlerts, TrustEvents, TrustRegister, type ImageAlertsProps } from '../../src';
import { environmentOf, nameOf, newStack, resourcePolicy, roleStatements, text } from '../support/synthesise';

interface Alerts {
  readonly events: TrustEvents;
  readonly register: TrustRegister;
  readonly alerts: ImageAlerts;
  readonly stack: Stack;
  readonly template: Template;
}

function alertsStack(props: (stack: Stack) => Partial<ImageAlertsProps> = () => ({})): Alerts {
  const stack = newStack();
  const events = new TrustEvents(stack, 'Events');
  const register = new TrustRegister(stack, 'Register');
  const alerts = new ImageAlerts(stack, 'Alerts', { events, register, ...props(stack) });
  return {
    events,
    register,
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
        sid: expect.any(String),
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
      EventPattern: Match.objectLike({
        'detail-type': Match.arrayWith(['Image Scan Failed', 'Waiver Expiring', 'Break-Glass Used']),
        detail: Match.absent(),
      }),
    });
  });

  test('what was sent is remembered for a while, in a table of its own', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: [{ AttributeName: 'alert', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
    });
  });

  test('alerts are text', () => {
    expect(topicsOf(template)).toBe('[{"arn":"AlertsTopic","format":"TEXT"}]');
    expect(alerts.topics).toEqual([alerts.topic]);
  });
});

/** Where the function sends to. */
function topicsOf(template: Template): string {
  return environmentOf(template, 'Sends alerts').ALERT_TOPICS!;
}

const MINE = 'arn:aws:sns:eu-west-1:123456789012:mine';

describe('topics', () => {
  test('mail and chat together, each in its format, with one key', () => {
    const { template, alerts } = alertsStack(() => ({ topics: [AlertTopic.text(), AlertTopic.chat()] }));
    expect(topicsOf(template)).toBe(
      '[{"arn":"AlertsTopic","format":"TEXT"},{"arn":"AlertsChatTopic","format":"CHAT"}]',
    );
    expect(alerts.topics).toHaveLength(2);
    template.resourceCountIs('AWS::KMS::Key', 1);
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
      expect(Properties.AlarmActions.map(text)).toEqual(['AlertsTopic', 'AlertsChatTopic']);
    }
    expect(roleStatements(template).get('AlertsNotifierRole')).toContainEqual(
      expect.objectContaining({ actions: ['sns:Publish'], resources: ['AlertsTopic', 'AlertsChatTopic'] }),
    );
  });

  test('an imported topic is used as it is', () => {
    const { template } = alertsStack(stack => ({
      topics: [AlertTopic.text(Topic.fromTopicArn(stack, 'Topic', MINE))],
    }));
    for (const type of ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'AWS::KMS::Key']) {
      template.resourceCountIs(type, 0);
    }
    expect(topicsOf(template)).toBe(`[{"arn":"${MINE}","format":"TEXT"}]`);
    expect(roleStatements(template).get('AlertsNotifierRole')).toContainEqual(
      expect.objectContaining({ actions: ['sns:Publish'], resources: [MINE] }),
    );
  });

  test('the policy of a topic of your own lets CloudWatch publish alarms, also if two alerts share it', () => {
    const { template } = alertsStack(stack => {
      const topic = new Topic(stack, 'Mine');
      return { topics: [AlertTopic.text(topic), AlertTopic.chat(topic)] };
    });
    expect(resourcePolicy(template, 'AWS::SNS::TopicPolicy', 'MinePolicy')).toEqual([
      expect.objectContaining({
        effect: 'Allow',
        actions: ['sns:Publish'],
        principal: 'cloudwatch.amazonaws.com',
        condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ]);
  });

  test('one topic twice in one format is refused', () => {
    expect(() =>
      alertsStack(stack => {
        const topic = new Topic(stack, 'Mine');
        return { topics: [AlertTopic.text(topic), AlertTopic.text(topic)] };
      }),
    ).toThrow('the alerts Test/Alerts name one topic twice in one format');
  });

  test('none: nobody is notified, nothing is created', () => {
    const { template, alerts } = alertsStack(() => ({ topics: [] }));
    expect(Object.keys(template.toJSON().Resources).filter(id => id.startsWith('Alerts'))).toEqual([]);
    expect(() => alerts.addSubscription(new EmailSubscription('platform@example.com'))).toThrow(
      'Test/Alerts has no topic, because topics is an empty list, allowed: one or more, for example [AlertTopic.text()]',
    );
  });

  test('more than an alarm has actions are an error', () => {
    const six = (stack: Stack) => ({
      topics: [1, 2, 3, 4, 5, 6].map(at =>
        AlertTopic.text(Topic.fromTopicArn(stack, `Topic${at}`, `${MINE}${at}`)),
      ),
    });
    expect(() => alertsStack(six)).toThrow('the alerts Test/Alerts have 6 topics, allowed: 5');
  });

  test('two new topics of one format are an error', () => {
    expect(() => alertsStack(() => ({ topics: [AlertTopic.chat(), AlertTopic.chat()] }))).toThrow(
      'have two new topics of one format, allowed: one new topic of each format',
    );
  });

  test('e-mail never gets JSON', () => {
    const synth = (topic: number) => () => {
      const { alerts, stack } = alertsStack(() => ({ topics: [AlertTopic.chat(), AlertTopic.text()] }));
      alerts.topics[topic]!.addSubscription(new EmailSubscription('chat@example.com'));
      (stack.node.root as App).synth();
    };
    expect(synth(1)).not.toThrow();
    expect(synth(0)).toThrow(
      /the e-mail subscription Test\/Alerts\/ChatTopic\/chat@example\.com\/Resource \(chat@example\.com\) is to a topic for chat, whose alerts are JSON, allowed: a topic of AlertTopic\.text\(\)/,
    );
  });

  test('a second ImageAlerts of one trust has rules, queue and memory of its own', () => {
    const { stack, events, register } = alertsStack();
    const topic = Topic.fromTopicArn(stack, 'Mine', MINE);
    new ImageAlerts(stack, 'More', { events, register, topics: [AlertTopic.chat(topic)] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 3); // two memories, and the register
    const rules = Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => [
      Properties.EventPattern['detail-type'][0],
      nameOf(Properties.Targets[0].Arn['Fn::GetAtt'][0]),
    ]);
    for (const queue of ['AlertsEvents', 'MoreEvents']) {
      expect(rules.filter(([, target]) => target === queue).map(([type]) => type)).toEqual([
        'Image Verdict',
        'Image Scan Failed',
      ]);
    }
  });
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

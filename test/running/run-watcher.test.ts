import { Match, Template } from 'aws-cdk-lib/assertions';
import { EmergencyAccess, ImageTrust, RepositorySelector, RunWatcher } from '../../src';
import { environmentOf, newStack, roleStatements, trustStack } from '../support/synthesise';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function watcherStack(allowedImages?: string[]) {
  const made = trustStack({ emergencyAccess: EmergencyAccess.BREAK_GLASS });
  const watcher = new RunWatcher(made.stack, 'Watcher', { trust: made.trust, allowedImages });
  return { ...made, watcher, template: made.template };
}

describe('a watcher', () => {
  const { template } = watcherStack([`public.ecr.aws/x/y@${DIGEST}`]);

  test('rule 5.12, watchers: may read what says which image runs, ask for trust, tell, and nothing else', () => {
    const rights = roleStatements(template)
      .get('WatcherRole')!
      .flatMap(({ actions, resources, effect }) =>
        actions.map(each => `${effect} ${each} ${resources.join()}`),
      );
    expect([...new Set(rights)].sort()).toEqual([
      'Allow batch:DescribeJobDefinitions *',
      'Allow dynamodb:DeleteItem WatcherSent',
      'Allow dynamodb:GetItem TrustPolicies',
      'Allow dynamodb:GetItem TrustRegister',
      'Allow dynamodb:GetItem WatcherSent',
      'Allow dynamodb:PutItem WatcherSent',
      'Allow dynamodb:Query TrustBreakGlass',
      'Allow dynamodb:UpdateItem WatcherSent',
      // a trust may judge repositories of other accounts, and their policies decide
      'Allow ecr:DescribeImages arn:Partition:ecr:Region:*:repository/*',
      'Allow ecs:DescribeTaskDefinition *',
      'Allow kms:Decrypt TrustAlertsKey',
      'Allow kms:DescribeKey TrustSigningKey',
      'Allow kms:GenerateDataKey TrustAlertsKey',
      'Allow kms:GetPublicKey TrustSigningKey',
      'Allow lambda:GetFunction arn:Partition:lambda:Region:AccountId:function:*',
      'Allow logs:CreateLogStream WatcherLogs',
      'Allow logs:PutLogEvents WatcherLogs',
      'Allow sns:Publish TrustAlertsTopic',
      'Allow sqs:ChangeMessageVisibility WatcherEvents',
      'Allow sqs:DeleteMessage WatcherEvents',
      'Allow sqs:GetQueueAttributes WatcherEvents',
      'Allow sqs:GetQueueAttributes WatcherEventsDeadLetters',
      'Allow sqs:GetQueueUrl WatcherEvents',
      'Allow sqs:GetQueueUrl WatcherEventsDeadLetters',
      'Allow sqs:ReceiveMessage WatcherEvents',
      'Allow sqs:SendMessage WatcherEvents',
      'Allow sqs:SendMessage WatcherEventsDeadLetters',
    ]);
  });

  test('hears tasks of ECS, and calls that did not fail, of its own account and region', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        account: [{ Ref: 'AWS::AccountId' }],
        region: [{ Ref: 'AWS::Region' }],
        detail: { lastStatus: ['RUNNING', 'STOPPED'] },
      },
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.lambda'],
        'detail-type': ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: ['lambda.amazonaws.com'],
          eventName: ['CreateFunction20150331', 'UpdateFunctionCode20150331v2'],
          errorCode: [{ exists: false }],
        },
      },
    });
  });

  test('is told where to ask and what is allowed, and its alarms go where alerts go', () => {
    expect(environmentOf(template, 'Reports what runs')).toMatchObject({
      REGISTER_TABLE: 'TrustRegister',
      PINNED_KEYS: '[{"arn":"TrustSigningKey"}]',
      ALERT_TOPICS: '[{"arn":"TrustAlertsTopic","format":"TEXT"}]',
      ALERTS_SENT_TABLE: 'WatcherSent',
      ALLOWED_DIGESTS: `["${DIGEST}"]`,
      REPOSITORIES: expect.stringContaining('"by":'),
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'RunsWithoutTrust',
      AlarmActions: [Match.anyValue()],
    });
  });
});

test('rule 5.12, watchers: where the trust is imported, it reads the grants of its account, and records no use', () => {
  const stack = newStack();
  const trust = ImageTrust.fromStackName(stack, 'Trust', {
    stackName: 'trust',
    emergencyAccess: EmergencyAccess.BREAK_GLASS,
  });
  new RunWatcher(stack, 'Watcher', { trust });
  const statements = roleStatements(Template.fromStack(stack)).get('WatcherRole')!;
  const ofGrants = statements.filter(({ resources }) => /Grant/.test(resources.join()));
  expect(ofGrants).toMatchObject([
    {
      actions: ['dynamodb:Query'],
      condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [expect.anything()] } },
    },
  ]);
});

test('an imported trust is asked with the keys that were read at deployment', () => {
  const stack = newStack();
  const trust = ImageTrust.fromStackName(stack, 'Trust', { stackName: 'trust' });
  new RunWatcher(stack, 'Watcher', { trust });
  const { PINNED_KEYS } = environmentOf(Template.fromStack(stack), 'Reports what runs');
  expect(PINNED_KEYS).toMatch(/\S/);
});

test.each(['team/app:v1', DIGEST, 'docker.io/x/y@sha256:ab'])(
  'allows images by digest only, not %s',
  image => {
    expect(() => watcherStack([image])).toThrow(
      `allowedImages of Test/Watcher names ${JSON.stringify(image)}`,
    );
  },
);

test('two watchers of two trusts stand in one stack', () => {
  const { stack, trust } = trustStack();
  const other = new ImageTrust(stack, 'Other', {
    repositories: [RepositorySelector.prefix('other/')],
    gate: { gateName: 'Other' },
  });
  new RunWatcher(stack, 'One', { trust });
  expect(() => new RunWatcher(stack, 'Two', { trust: other })).not.toThrow();
});

import { Match, Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { TrustEvents, type OnImageEventOptions } from '../../src';
import { exceptedRoles, newStack, roleStatements, statementsOf } from '../support/synthesise';

const OURS = {
  source: ['trusted-images'],
  account: [{ Ref: 'AWS::AccountId' }],
  region: [{ Ref: 'AWS::Region' }],
};

function eventsStack(): {
  events: TrustEvents;
  stack: ReturnType<typeof newStack>;
  only(): ReturnType<typeof statementsOf>[0];
} {
  const stack = newStack();
  const events = new TrustEvents(stack, 'Events');
  return {
    events,
    stack,
    only: () =>
      statementsOf({
        Statement: Object.values(Template.fromStack(stack).findResources('AWS::Events::EventBusPolicy')).map(
          ({ Properties }) => Properties.Statement,
        ),
      })[0]!,
  };
}

test('rule 5.4, closed channels: nobody may publish until somebody is granted it', () => {
  const { only } = eventsStack();
  expect(only()).toMatchObject({
    effect: 'Deny',
    principal: '*',
    actions: ['events:PutEvents'],
    resources: ['Events'],
  });
  expect(exceptedRoles(only())).toEqual([]);
});

test('who judges publishes verdicts, who signs publishes trust, and neither what the other does', () => {
  const { events, stack, only } = eventsStack();
  const [evaluator, signer] = ['Evaluator', 'Signer'].map(
    id => new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
  ) as [Role, Role];
  events.grantPublish(evaluator);
  events._grantPublishTrust(signer);
  expect(exceptedRoles(only())).toEqual(['Evaluator', 'Signer']);
  const roles = roleStatements(Template.fromStack(stack));
  const mayPublish = (detailTypes: string[]) => [
    {
      sid: undefined,
      effect: 'Allow',
      actions: ['events:PutEvents'],
      resources: ['Events'],
      condition: { StringEquals: { 'events:source': 'trusted-images', 'events:detail-type': detailTypes } },
    },
  ];
  expect(roles.get('Evaluator')).toEqual(
    mayPublish([
      'Image Verdict',
      'Image Scan Failed',
      'Image Revocation Held',
      'Image Revocation Hold Ended',
    ]),
  );
  expect(roles.get('Signer')).toEqual(mayPublish(['Image Trusted', 'Image Revoked']));
});

test.each<[string, (events: TrustEvents) => (id: string, options?: OnImageEventOptions) => unknown]>([
  ['Image Verdict', events => events.onImageVerdict.bind(events)],
  ['Image Scan Failed', events => events.onImageScanFailed.bind(events)],
  ['Image Trusted', events => events.onImageTrusted.bind(events)],
  ['Image Revoked', events => events.onImageRevoked.bind(events)],
  ['Image Revocation Hold Ended', events => events.onImageRevocationHoldEnded.bind(events)],
  ['Revoked Image Located', events => events.onRevokedLocated.bind(events)],
  ['Image Signatures Withdrawn', events => events.onSignaturesWithdrawn.bind(events)],
  ['Image Archived', events => events.onImageArchived.bind(events)],
  ['Image Restored', events => events.onImageRestored.bind(events)],
])('a subscription to %j gets that type of our events, of this account and region', (detailType, on) => {
  const { events, stack } = eventsStack();
  on(events)('Nobody');
  on(events)('Somebody', { target: new SqsQueue(new Queue(stack, 'Queue')) });
  const template = Template.fromStack(stack);
  template.resourcePropertiesCountIs(
    'AWS::Events::Rule',
    { EventPattern: { ...OURS, 'detail-type': [detailType] }, EventBusName: Match.anyValue() },
    2,
  );
  template.hasResourceProperties('AWS::Events::Rule', { Targets: Match.absent() });
  template.hasResourceProperties('AWS::Events::Rule', {
    Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('Queue'), 'Arn'] } })],
  });
});

test('a subscription may ask for more of the detail', () => {
  const { events, stack } = eventsStack();
  events.onImageVerdict('Refused', { detail: { outcome: ['FAIL'] } });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { ...OURS, 'detail-type': ['Image Verdict'], detail: { outcome: ['FAIL'] } },
  });
});

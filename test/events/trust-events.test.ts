import { Match, Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { TrustEvents } from '../../src';
import { exceptedRoles, newStack, statementsOf } from '../support/synthesise';

const OURS = { source: ['trusted-images'], account: [{ Ref: 'AWS::AccountId' }], region: [{ Ref: 'AWS::Region' }] };

function eventsStack(): { events: TrustEvents; stack: ReturnType<typeof newStack>; only(): ReturnType<typeof statementsOf>[0] } {
  const stack = newStack();
  const events = new TrustEvents(stack, 'Events');
  return {
    events,
    stack,
    only: () => statementsOf({ Statement: Object.values(Template.fromStack(stack).findResources('AWS::Events::EventBusPolicy')).map(({ Properties }) => Properties.Statement) })[0]!,
  };
}

test('nobody may publish until somebody is granted it', () => {
  const { only } = eventsStack();
  expect(only()).toMatchObject({ effect: 'Deny', principal: '*', actions: ['events:PutEvents'], resources: ['Events'] });
  expect(exceptedRoles(only())).toEqual([]);
});

test('who is granted it may, with our source and types, on our bus', () => {
  const { events, stack, only } = eventsStack();
  events.grantPublish(new Role(stack, 'Evaluator', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
  expect(exceptedRoles(only())).toEqual(['Evaluator']);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [Match.objectLike({ Action: 'events:PutEvents', Condition: { StringEquals: { 'events:source': 'trusted-images', 'events:detail-type': ['Image Verdict', 'Image Scan Failed'] } } })] },
  });
});

test('a subscription gets one type of our events, of this account and region', () => {
  const { events, stack } = eventsStack();
  events.onImageVerdict('Verdicts');
  events.onImageScanFailed('Failures', { target: new SqsQueue(new Queue(stack, 'Queue')) });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Events::Rule', { EventPattern: { ...OURS, 'detail-type': ['Image Verdict'] }, Targets: Match.absent(), EventBusName: Match.anyValue() });
  template.hasResourceProperties('AWS::Events::Rule', { EventPattern: { ...OURS, 'detail-type': ['Image Scan Failed'] }, Targets: [Match.anyValue()] });
});

test('a subscription may ask for more of the detail', () => {
  const { events, stack } = eventsStack();
  events.onImageVerdict('Refused', { detail: { outcome: ['FAIL'] } });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { EventPattern: { ...OURS, 'detail-type': ['Image Verdict'], 'detail': { outcome: ['FAIL'] } } });
});

import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityHubFindings } from '../../src';
import { roleStatements, trustStack } from '../support/synthesise';

const { stack, trust } = trustStack();
const { events, register, alerts } = trust;
const findings = new SecurityHubFindings(stack, 'Hub', { events, register, alerts });
const template = Template.fromStack(stack);

test('its role imports findings of this account into its own product, and nothing else', () => {
  const statements = new Map(roleStatements(template)).get('HubRole')!;
  expect(
    statements.filter(({ actions }) => actions.some(action => action.startsWith('securityhub'))),
  ).toEqual([
    expect.objectContaining({
      actions: ['securityhub:BatchImportFindings'],
      resources: [
        expect.stringMatching(
          /securityhub:.*:product\/AWS::AccountId\/default$|product\/AccountId\/default$/,
        ),
      ],
      condition: { StringEquals: { 'securityhub:TargetAccount': expect.anything() } },
    }),
  ]);
  const others = statements
    .flatMap(({ actions }) => actions)
    .filter(action => !/^(logs|sqs|securityhub):/.test(action));
  expect(others).toEqual([]);
});

test('it gets each event about what runs without a PASS', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: Match.objectLike({
      source: ['trusted-images'],
      'detail-type': [
        'Break-Glass Granted',
        'Break-Glass Used',
        'Break-Glass Ended',
        'Image Revocation Held',
        'Image Revocation Hold Ended',
        'Revoked Image Located',
      ],
    }),
  });
});

test('its alarms go where the alerts go', () => {
  expect(findings.alarms).toHaveLength(2);
  for (const alarm of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
    expect(alarm.Properties.AlarmActions).toHaveLength(1);
  }
});

test('a wrong property is an error that says which', () => {
  expect(() => new SecurityHubFindings(stack, 'Wrong', { events, register } as never)).toThrow(/alerts/);
});

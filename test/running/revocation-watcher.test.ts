import { RevocationWatcher } from '../../src';
import { rightsOf, roleStatements, trustStack } from '../support/synthesise';

test('rule 5.3, separation of duties: it reads what runs, tells the team, and publishes its own event alone', () => {
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
  expect(statements.filter(({ actions }) => actions.includes('events:PutEvents'))).toMatchObject([
    { condition: { StringEquals: { 'events:detail-type': ['Revoked Image Located'] } } },
  ]);
});

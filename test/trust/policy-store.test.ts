import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { PolicyStore } from '../../src';
import { exceptedRoles, newStack, roleStatements, statementsOf } from '../support/synthesise';

test('by default it can be restored, cannot be deleted, and stays when the stack goes: revisions never go back', () => {
  const stack = newStack();
  new PolicyStore(stack, 'Policies');
  Template.fromStack(stack).hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: {
      Replicas: [
        Match.objectLike({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    },
  });
});

test('who may publish writes it and nobody else does; who may read reads', () => {
  const stack = newStack();
  const policies = new PolicyStore(stack, 'Policies', { removalPolicy: RemovalPolicy.DESTROY });
  const [publisher, reader] = ['Publisher', 'Reader'].map(
    id => new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
  ) as [Role, Role];
  policies.grantPublish(publisher);
  policies.grantRead(reader);
  const template = Template.fromStack(stack);
  const [{ DeletionPolicy, Properties }] = Object.values(
    template.findResources('AWS::DynamoDB::GlobalTable'),
  ) as [any];
  expect(DeletionPolicy).toBe('Delete');
  expect(exceptedRoles(statementsOf(Properties.Replicas[0].ResourcePolicy.PolicyDocument)[0]!)).toEqual([
    'Publisher',
  ]);
  expect(
    roleStatements(template)
      .get('Publisher')!
      .flatMap(({ actions }) => actions),
  ).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem']);
  expect(
    roleStatements(template)
      .get('Reader')!
      .flatMap(({ actions }) => actions),
  ).toEqual(['dynamodb:GetItem']);
});

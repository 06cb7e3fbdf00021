import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { TrustRegister, type TrustRegisterProps } from '../../src';
import { exceptedRoles, newStack, roleStatements, statementsOf } from '../support/synthesise';

interface Register {
  readonly register: TrustRegister;
  readonly template: Template;
  role(id: string): Role;
}

function registerStack(props?: TrustRegisterProps, stack = newStack()): Register {
  const register = new TrustRegister(stack, 'Register', props);
  return {
    register,
    role: id => new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    get template() {
      return Template.fromStack(stack);
    },
  };
}

test('by default it can be restored, cannot be deleted, and stays when the stack goes', () => {
  registerStack().template.hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      SSESpecification: { SSEEnabled: false }, // the key that DynamoDB owns
      Replicas: [
        Match.objectLike({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    },
  });
});

test('the indexes that handlers ask', () => {
  registerStack().template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byDue',
        KeySchema: [
          { AttributeName: 'duePk', KeyType: 'HASH' },
          { AttributeName: 'dueSk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
      {
        IndexName: 'byRepository',
        KeySchema: [
          { AttributeName: 'repositoryPk', KeyType: 'HASH' },
          { AttributeName: 'pk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
});

test('DESTROY protects nothing', () => {
  registerStack({ removalPolicy: RemovalPolicy.DESTROY }).template.hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'Delete',
    Properties: { Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })] },
  });
});

test('a role that is granted later is left out of the Deny too; a reader is not', () => {
  const stack = registerStack();
  stack.register.grantWrite(stack.role('First'));
  stack.register.grantRead(stack.role('Gate'));
  stack.register.grantWrite(stack.role('Second'));
  const [{ Properties }] = Object.values(stack.template.findResources('AWS::DynamoDB::GlobalTable')) as [any];
  expect(exceptedRoles(statementsOf(Properties.Replicas[0].ResourcePolicy.PolicyDocument)[0]!)).toEqual([
    'First',
    'Second',
  ]);
});

test('a gate asks about one image after the other: it has no index, reads no other rows, and writes nothing', () => {
  const stack = registerStack();
  stack.register._grantAsk(stack.role('Gate'));
  expect(roleStatements(stack.template).get('Gate')).toEqual([
    {
      sid: undefined,
      effect: 'Allow',
      actions: ['dynamodb:GetItem'],
      resources: ['Register'],
      condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*@sha256:*'] } },
    },
  ]);
});

test('the signer changes the row that it has read, and needs no index and no update of parts', () => {
  const stack = registerStack();
  stack.register._grantChange(stack.role('Signer'));
  expect(roleStatements(stack.template).get('Signer')).toEqual([
    {
      sid: undefined,
      effect: 'Allow',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resources: ['Register'],
    },
  ]);
  const [{ Properties }] = Object.values(stack.template.findResources('AWS::DynamoDB::GlobalTable')) as [any];
  expect(exceptedRoles(statementsOf(Properties.Replicas[0].ResourcePolicy.PolicyDocument)[0]!)).toEqual([
    'Signer',
  ]);
});

test('with a key of your own, readers may decrypt with it and writers may encrypt', () => {
  const regional = newStack({}, { env: { region: 'eu-west-1' } });
  const stack = registerStack({ encryptionKey: new Key(regional, 'Key') }, regional);
  stack.register.grantRead(stack.role('Reader'));
  stack.register._grantAsk(stack.role('Gate'));
  stack.register.grantWrite(stack.role('Writer'));
  stack.template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
  });
  const key = (role: string) =>
    roleStatements(stack.template)
      .get(role)!
      .flatMap(({ actions }) => actions)
      .filter(action => action.startsWith('kms:'));
  for (const role of ['Reader', 'Gate']) {
    expect([...new Set(key(role))].sort()).toEqual(['kms:Decrypt', 'kms:DescribeKey']);
  }
  expect([...new Set(key('Writer'))].sort()).toEqual([
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ]);
});

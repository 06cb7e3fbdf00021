import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  EvidenceBucket,
  FindingsTable,
  TrustEvents,
  TrustRegister,
  type FindingsTableProps,
} from '../../src';
import { newStack, roleStatements } from '../support/synthesise';

interface Findings {
  readonly findings: FindingsTable;
  readonly template: Template;
  role(id: string): Role;
}

function findingsStack(props: Partial<FindingsTableProps> = {}, stack = newStack()): Findings {
  const findings = new FindingsTable(stack, 'Findings', {
    events: new TrustEvents(stack, 'Events'),
    register: new TrustRegister(stack, 'Register'),
    evidence: new EvidenceBucket(stack, 'Evidence'),
    ...props,
  });
  return {
    findings,
    role: id => new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    get template() {
      return Template.fromStack(stack);
    },
  };
}

test('by default it can be restored, stays, and is asked by image and by vulnerability', () => {
  findingsStack().template.hasResource('AWS::DynamoDB::GlobalTable', {
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byVulnerability',
          KeySchema: [
            { AttributeName: 'vulnerabilityPk', KeyType: 'HASH' },
            { AttributeName: 'pk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['status', 'severity', 'fixedVersion'] },
        },
      ],
      Replicas: [
        Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
      ],
    },
  });
});

test('it hears of every verdict, changed or not', () => {
  findingsStack().template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: Match.objectLike({ 'detail-type': ['Image Verdict'], detail: Match.absent() }),
    Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
  });
});

test('who reads it cannot write it', () => {
  const stack = findingsStack();
  stack.findings.grantRead(stack.role('Reader'));
  expect(roleStatements(stack.template).get('Reader')).toEqual([
    {
      sid: undefined,
      effect: 'Allow',
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
      resources: ['Findings', 'Findings/index/*'],
    },
  ]);
});

test('with a key of your own, the recorder may write with it and readers may decrypt', () => {
  const regional = newStack({}, { env: { region: 'eu-west-1' } });
  const stack = findingsStack(
    { encryptionKey: new Key(regional, 'Key'), removalPolicy: RemovalPolicy.DESTROY },
    regional,
  );
  stack.findings.grantRead(stack.role('Reader'));
  const key = (role: string) =>
    roleStatements(stack.template)
      .get(role)!
      .filter(({ resources }) => resources.includes('Key'))
      .flatMap(({ actions }) => actions);
  expect(key('FindingsRecorderRole')).toEqual([
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ]);
  expect(key('Reader')).toEqual(['kms:Decrypt', 'kms:DescribeKey']);
});

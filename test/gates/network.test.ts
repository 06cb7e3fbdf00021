import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { tagged } from './gated-stack';
import { ImageTrust, RepositorySelector } from '../../src';
import { newStack, roleStatements } from '../support/synthesise';

/** A trust in a network, and an image that asks it. */
function inNetwork(): { readonly stack: Stack; readonly template: Template } {
  const stack = newStack();
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-1'],
  });
  const securityGroups = [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')];
  tagged(
    stack,
    new ImageTrust(stack, 'Trust', {
      repositories: [RepositorySelector.prefix('team/')],
      network: { vpc, securityGroups },
    }),
  );
  return { stack, template: Template.fromStack(stack) };
}

describe('a network', () => {
  const { template } = inNetwork();
  const gates = Object.entries(template.findResources('AWS::Lambda::Function')).filter(([id]) =>
    /^Trust(?:edImages)?Gate/.test(id),
  );

  test('holds the functions that ask', () => {
    expect(gates).toHaveLength(2);
    for (const [, { Properties }] of gates) {
      expect(Properties.VpcConfig).toEqual({ SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] });
    }
  });

  test('AWS Lambda may attach them, the code in them may not', () => {
    const roles = [...roleStatements(template)].filter(([role]) =>
      /^TrustGate(?:Request|Await)Role$/.test(role),
    );
    expect(roles).toHaveLength(2);
    for (const [, statements] of roles) {
      const [allow, deny, ...more] = statements.filter(({ actions }) => actions[0]!.startsWith('ec2:'));
      expect([allow!.effect, deny!.effect, deny!.condition, more]).toEqual([
        'Allow',
        'Deny',
        { Null: { 'lambda:SourceFunctionArn': 'false' } },
        [],
      ]);
    }
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });
});

test('without one nothing is in a VPC', () => {
  const stack = newStack();
  tagged(stack, new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] }));
  for (const { Properties } of Object.values(
    Template.fromStack(stack).findResources('AWS::Lambda::Function'),
  )) {
    expect(Properties.VpcConfig).toBeUndefined();
  }
});

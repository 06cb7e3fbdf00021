import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { tagged } from './gated-stack';
import {
  EvidenceBucket,
  ImagePolicy,
  ImageScanner,
  ImageTrust,
  PipelineGate,
  PolicyEvaluator,
  PolicyStore,
  RepositorySelector,
  RevocationBrake,
  RunWatcher,
  TrustEvents,
  TrustRegister,
} from '../../src';
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

/** Which functions and projects are in which security groups, by the logical id of the group. */
function groupsIn(stack: Stack): Record<string, string[]> {
  const { Resources } = Template.fromStack(stack).toJSON() as {
    Resources: Record<string, { Type: string; Properties?: { VpcConfig?: { SecurityGroupIds: unknown[] } } }>;
  };
  const groups: Record<string, string[]> = {};
  for (const [id, { Type, Properties }] of Object.entries(Resources)) {
    if (Type === 'AWS::EC2::SecurityGroup') groups[id] ??= [];
    if (Properties?.VpcConfig === undefined) continue;
    const [one, ...more] = Properties.VpcConfig.SecurityGroupIds;
    expect(more).toEqual([]);
    (groups[(one as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0]] ??= []).push(id);
  }
  return groups;
}

test('without security groups of its user, a trust has one, and the gates of each stack have one', () => {
  const app = new App();
  const trustStack = new Stack(app, 'Platform');
  const vpc = Vpc.fromVpcAttributes(trustStack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-1'],
  });
  const trust = new ImageTrust(trustStack, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    policy: ImagePolicy.standard(),
    revocationBrake: RevocationBrake.above(20),
    publishedAs: 'platform',
    network: { vpc },
  });
  trust.breakGlass.grantBreakGlass(Role.fromRoleName(trustStack, 'OnCall', 'on-call'));
  const team = new Stack(app, 'Team');
  new RunWatcher(team, 'Runs', { trust });
  new PipelineGate(team, 'Pipelines', { trust });

  const [ofTrust, ofItsGate, ...more] = Object.entries(groupsIn(trustStack)).sort(
    ([, one], [, other]) => other.length - one.length,
  );
  expect(more).toEqual([]);
  expect(ofTrust![0]).toMatch(/^TrustSecurityGroup/);
  expect(ofTrust![1].length).toBeGreaterThan(12);
  expect(ofTrust![1]).toContainEqual(expect.stringMatching(/^TrustScannerProject/));
  expect(ofItsGate![0]).toMatch(/^TrustedImagesGates/);
  expect(ofItsGate![1]).toHaveLength(2);

  const ofTeam = groupsIn(team);
  expect(Object.keys(ofTeam)).toEqual([expect.stringMatching(/^TrustedImagesGates/)]);
  expect(Object.values(ofTeam)[0]).toHaveLength(2);
  expect(JSON.stringify(Template.fromStack(trustStack).toJSON().Outputs)).not.toContain('SecurityGroup');
});

test('a scanner and an evaluator without ImageTrust have one each', () => {
  const stack = newStack();
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-1'],
  });
  const parts = {
    register: new TrustRegister(stack, 'Register'),
    policies: new PolicyStore(stack, 'Policies'),
    evidence: new EvidenceBucket(stack, 'Evidence'),
    network: { vpc },
  };
  const repositories = [RepositorySelector.prefix('team/')];
  const scanner = new ImageScanner(stack, 'Scanner', { ...parts, repositories });
  new PolicyEvaluator(stack, 'Evaluator', { ...parts, scanner, events: new TrustEvents(stack, 'Events') });
  expect(Object.keys(groupsIn(stack)).sort()).toEqual([
    expect.stringMatching(/^EvaluatorSecurityGroup/),
    expect.stringMatching(/^ScannerSecurityGroup/),
  ]);
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

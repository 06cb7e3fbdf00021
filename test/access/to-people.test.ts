import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  AccountPrincipal,
  AccountRootPrincipal,
  ArnPrincipal,
  ManagedPolicy,
  Role,
  User,
  type IGrantable,
} from 'aws-cdk-lib/aws-iam';
import { ImageTrust, RepositorySelector, RevocationBrake } from '../../src';
import { FAST, statementsOf, trustStack } from '../support/synthesise';

const OTHER = '999999999999';
const env = { account: '111122223333', region: 'eu-west-1' };

function inAccount() {
  const app = new App({ context: FAST });
  const stack = new Stack(app, 'Test', { env });
  const trust = new ImageTrust(stack, 'Trust', {
    repositories: [RepositorySelector.all()],
    revocationBrake: RevocationBrake.above(20),
  });
  return { app, stack, trust };
}

const GRANTS: readonly [name: string, grant: (trust: ImageTrust, grantee: IGrantable) => unknown][] = [
  ['grantBreakGlass of Test/Trust/BreakGlass', (trust, to) => trust.breakGlass.grantBreakGlass(to)],
  ['grantRead of Test/Trust/BreakGlass', (trust, to) => trust.breakGlass.grantRead(to)],
  ['grantEdit of Test/Trust/Waivers', (trust, to) => trust.waivers.grantEdit(to)],
  ['grantReleaseBrake of Test/Trust/Evaluator', (trust, to) => trust.evaluator.grantReleaseBrake(to)],
  ['grantRead of Test/Trust/Findings', (trust, to) => trust.findings.grantRead(to)],
  ['grantRead of Test/Trust/Register', (trust, to) => trust.register.grantRead(to)],
  ['grantRead of Test/Trust/Policies', (trust, to) => trust.policies.grantRead(to)],
];

describe.each(GRANTS)('%s throws where the right would reach nobody', (name, grant) => {
  const { app, stack, trust } = inAccount();
  const there = new Stack(app, 'There', { env: { ...env, account: OTHER } });

  test.each<[string, IGrantable]>([
    ['a role', Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${OTHER}:role/on-call`)],
    ['a role of another stack', new Role(there, 'Role', { assumedBy: new AccountRootPrincipal() })],
    ['a user', User.fromUserArn(stack, 'User', `arn:aws:iam::${OTHER}:user/alice`)],
    ['all', new AccountPrincipal(OTHER)],
  ])('%s of another account, with what to do', (_, grantee) => {
    expect(() => grant(trust, grantee)).toThrow(
      `${name} is for a principal of the account ${OTHER}, allowed: one of the account 111122223333, where the trust is; make a role there that the others may assume: new Role(this, 'OnCall', { assumedBy: new AccountPrincipal("${OTHER}") })`,
    );
  });

  test.each<[string, IGrantable]>([
    ['an ARN', new ArnPrincipal('arn:aws:iam::111122223333:role/on-call')],
    ['an account', new AccountRootPrincipal()],
  ])('%s, which has no policy of its own', (_, grantee) => {
    expect(() => grant(trust, grantee)).toThrow(
      `${name} is for a principal without a policy of its own, allowed: a role, a user, a group or a ManagedPolicy`,
    );
  });

  test.each(['', 'aws-reserved/sso.amazonaws.com/eu-west-1/'])(
    'a role of IAM Identity Center (%j), which nobody else can change',
    path => {
      const role = Role.fromRoleArn(
        stack,
        `Center${path.length}`,
        `arn:aws:iam::111122223333:role/${path}AWSReservedSSO_OnCall_0123456789abcdef`,
      );
      expect(() => grant(trust, role)).toThrow(
        /is for the role \S*AWSReservedSSO_OnCall_0123456789abcdef of IAM Identity Center, .* allowed: a ManagedPolicy of a fixed name/,
      );
    },
  );

  test.each<[string, IGrantable]>([
    ['a role', Role.fromRoleName(stack, 'Ours', 'on-call')],
    ['a managed policy', new ManagedPolicy(stack, 'Policy', { managedPolicyName: 'on-call' })],
  ])('and gives it to %s of the account', (_, grantee) => {
    expect(() => grant(trust, grantee)).not.toThrow();
  });
});

test('where synthesis knows no account, a role of a named one may be of another: the CDK would give the right to the role of that name', () => {
  const { stack, trust } = trustStack();
  const role = Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${OTHER}:role/on-call`);
  expect(() => trust.breakGlass.grantBreakGlass(role)).toThrow(
    `grantBreakGlass of Test/Trust/BreakGlass is for a principal of the account ${OTHER}, and the account of the trust is not known when the app is synthesised, so the right may reach a role of the same name in another account; allowed: a principal of the account of the trust; set env of the stack Test and of those with its gates, for example { account: "${OTHER}", region: process.env.CDK_DEFAULT_REGION }`,
  );
  expect(() => trust.breakGlass.grantBreakGlass(Role.fromRoleName(stack, 'Named', 'on-call'))).not.toThrow();
});

test('who may grant may also read the stack of the trust, in which the command line finds it, and no other', () => {
  const { stack, trust } = inAccount();
  const policy = new ManagedPolicy(stack, 'OnCall', { managedPolicyName: 'on-call' });
  trust.breakGlass.grantBreakGlass(policy);
  const [made] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  expect(statementsOf(made!.Properties.PolicyDocument)).toContainEqual(
    expect.objectContaining({
      effect: 'Allow',
      actions: [
        'cloudformation:DescribeStacks',
        'cloudformation:GetTemplate',
        'cloudformation:ListStackResources',
      ],
      resources: ['arn:Partition:cloudformation:eu-west-1:111122223333:stack/Test/*'],
    }),
  );
});

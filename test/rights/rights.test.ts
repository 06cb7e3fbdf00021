import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  AnyPrincipal,
  Effect,
  PolicyStatement,
  Role,
  ServicePrincipal,
  type CfnRole,
} from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { APPS } from './apps';
import { everyRight, type Rights } from './every-right';
import { newStack } from '../support/synthesise';

/** Before the resources of a trust became fewer. Never written again: rights shrink from here. */
const BEFORE = JSON.parse(
  readFileSync(join(__dirname, 'rights-of-da61a3de.json'), 'utf8')
    .replace(
      // dead-letter queues that are one queue since: whoever sent to one of them sends to that one (0051)
      /Trust(?:AlertsEvents|BreakGlassMessages|FindingsVerdicts|ScannerRe(?:concilerRepositories|quests|sults)|SignerVerdicts)DeadLetters/g,
      'TrustFailuresDeadLetters',
    )
    // what was in every stack that asks is in the trust (0049)
    .replace(/TrustedImagesc8126965/g, 'TrustGate'),
) as Record<string, Rights>;

/** The gate was in the stack that asks, so it is compared with that one, whatever the app is. */
const GATE_BEFORE = BEFORE['with gates']!.allow.filter(line => line.includes('TrustGate'));

/**
 * Rights that are new since then, by the decision that accepts them. A line that no app has is to be taken
 * out.
 */
const ACCEPTED: Record<string, readonly string[]> = {
  // it answers every stack of the account and region, and each repository that is enrolled. What it cannot
  // answer is a dead letter. In a network it is a function as the others there are
  '0049-one-gate-answers-every-stack': [
    ...['DescribeStackResource', 'DescribeStacks'].map(
      action =>
        `role TrustGateRequestRole: cloudformation:${action} arn:Partition:cloudformation:eu-west-1:123456789012:stack/*`,
    ),
    ...['team/*', '* if StringEquals ecr:ResourceTag/scan yes'].map(
      repository =>
        `role TrustGateRequestRole: ecr:BatchGetImage arn:Partition:ecr:eu-west-1:123456789012:repository/${repository}`,
    ),
    'role TrustGateRequestRole: sqs:SendMessage TrustGateDeploymentsDeadLetters',
    ...['TrustGateRequestRole', 'arn:Partition:sts::123456789012:assumed-role/TrustGateRequestRole/*'].map(
      sender =>
        `AWS *: not sqs:SendMessage TrustGateDeploymentsDeadLetters excepts ArnNotLike aws:PrincipalArn ${sender}`,
    ),
    ...['Request', 'Await'].flatMap(name =>
      [
        ...['AssignPrivateIpAddresses', 'CreateNetworkInterface', 'DeleteNetworkInterface'],
        ...['DescribeNetworkInterfaces', 'DescribeSubnets', 'UnassignPrivateIpAddresses'],
      ].map(action => `role TrustGate${name}Role: ec2:${action} *`),
    ),
  ],
  // the publisher has the logical id that the framework's function had, and is called as before
  '0050-the-publisher-answers-cloudformation': [
    'Service events.amazonaws.com: lambda:InvokeFunction TrustEvaluatorPolicyProviderframeworkonEvent if ArnLike aws:SourceArn TrustEvaluatorPolicyChanged',
  ],
};

const gone = (before: readonly string[], now: readonly string[]) =>
  before.filter(line => !now.includes(line));
/** The role that a line is about, or the resource whose policy it is in. */
const ownerOf = (line: string) => /^role \S+/.exec(line)?.[0] ?? /: (?:not )?\S+ ([^ /]+)/.exec(line)![1]!;
/** With more conditions a right is smaller. */
const isNarrower = (line: string, before: readonly string[]) =>
  before.some(each => line.startsWith(`${each} if `));
const accepted = Object.values(ACCEPTED).flat();

describe('rule 5.3, separation of duties: rights shrink, and grow only by a decision', () => {
  const now = new Map(Object.entries(APPS).map(([name, make]) => [name, everyRight(make())]));

  test('the apps are those of before', () => {
    expect([...now.keys()]).toEqual(Object.keys(BEFORE));
  });

  test.each(Object.keys(BEFORE))('%s: nobody may more than before', name => {
    const allow = [...BEFORE[name]!.allow, ...GATE_BEFORE];
    const grown = gone(now.get(name)!.allow, allow).filter(line => !isNarrower(line, allow));
    expect(grown.filter(line => !accepted.includes(line))).toEqual([]);
  });

  test.each(Object.keys(BEFORE))('%s: what was denied is denied, where it is still there', name => {
    const { allow, deny } = now.get(name)!;
    const owners = new Set([...allow, ...deny].map(ownerOf));
    expect(gone(BEFORE[name]!.deny, deny).filter(line => owners.has(ownerOf(line)))).toEqual([]);
  });

  test('nothing is accepted that is not there', () => {
    const all = new Set([...now.values()].flatMap(({ allow }) => allow));
    expect(accepted.filter(line => !all.has(line))).toEqual([]);
  });
});

describe('the comparison sees', () => {
  const read = { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] };
  function rightsOf(add: (role: Role, stack: Stack) => void): Rights {
    const stack = newStack();
    add(new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }), stack);
    return everyRight(Template.fromStack(stack));
  }
  const separate = rightsOf(role => void role.addToPolicy(new PolicyStatement(read)));

  test('the same right in a policy of its own and in the role', () => {
    const inline = rightsOf(role => {
      (role.node.defaultChild as CfnRole).policies = [
        { policyName: 'Own', policyDocument: { Statement: [new PolicyStatement(read).toJSON()] } },
      ];
    });
    expect(inline).toEqual(separate);
  });

  test.each([
    ['another action', { actions: ['s3:GetObject', 's3:PutObject'] }],
    ['another resource', { resources: ['*'] }],
    ['another value of a condition', { conditions: { StringEquals: { 's3:prefix': ['b', 'c'] } } }],
  ])('%s', (_, more) => {
    const before = rightsOf(
      role =>
        void role.addToPolicy(
          new PolicyStatement({ ...read, conditions: { StringEquals: { 's3:prefix': 'b' } } }),
        ),
    );
    const now = rightsOf(
      role =>
        void role.addToPolicy(
          new PolicyStatement({ ...read, conditions: { StringEquals: { 's3:prefix': 'b' } }, ...more }),
        ),
    );
    expect(gone(now.allow, before.allow)).toHaveLength(1);
    expect(gone(before.allow, before.allow)).toEqual([]);
  });

  test('whom a denial leaves out', () => {
    const denied = (except: string[]) =>
      rightsOf((_role, stack) => {
        new Bucket(stack, 'Bucket').addToResourcePolicy(
          new PolicyStatement({
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: ['s3:PutObject'],
            resources: ['*'],
            conditions: { ArnNotLike: { 'aws:PrincipalArn': except } },
          }),
        );
      });
    const [before, now] = [denied(['arn:a']), denied(['arn:a', 'arn:b'])];
    expect(gone(now.allow, before.allow)).toEqual([
      'AWS *: not s3:PutObject Bucket excepts ArnNotLike aws:PrincipalArn arn:b',
    ]);
    expect(now.deny).toEqual(before.deny);
  });
});

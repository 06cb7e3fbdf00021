import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, type App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { gatedStack, tagged } from './gates/gated-stack';
import { trustStack } from './support/synthesise';

/**
 * What is accepted, and why. Anything else that cdk-nag finds fails the test; so does what it finds no more.
 */
const ACCEPTED: [finding: RegExp, why: string][] = [
  [
    /^AwsSolutions-S1$/,
    'who read the evidence is in CloudTrail data events, where an organisation has them; access logs would be a second bucket for everybody',
  ],
  [/^AwsSolutions-L1$/, 'the runtime is the one that the bundles are tested on'],
  [
    /^AwsSolutions-CB5$/,
    "Trivy's own image, by digest: an image of AWS has no Trivy, and would have to download it",
  ],
  [
    /^AwsSolutions-IAM5\[Resource::\*\]$/,
    'ecr:GetAuthorizationToken: separation-of-duties.test.ts names who has it',
  ],
  [
    /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository\/\*\]$/,
    'reconcile asks which repositories there are, and which tags they have',
  ],
  [
    /^AwsSolutions-SQS3$/,
    'what happened to the signing key waits for people, and no function takes it from the queue',
  ],
  [
    /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository\/team\/\*\]$/,
    'repositories are enrolled by prefix: one statement, however many there are',
  ],
  [
    /^AwsSolutions-IAM5\[Resource::<TrustEvidence\w{8}\.Arn>\/(?:incoming|scans|verdicts|policies|policies\/waivers)\/\*\]$/,
    'one prefix of the bucket',
  ],
  [
    /^AwsSolutions-IAM5\[Resource::<TrustRegister\w{8}\.Arn>\/index\/\*\]$/,
    'the indexes of one table, to read',
  ],
  [
    /^AwsSolutions-IAM5\[Resource::<TrustEvaluatorPolicyPublisher\w{8}\.Arn>:\*\]$/,
    "the versions of one function: CDK's framework for custom resources",
  ],
];

test('AWS Solutions rules find only what was accepted', () => {
  const { stack, trust } = gatedStack();
  trust.addRepository('App', { repositoryName: 'team/app' });
  const found = [
    ...new Set(new AwsSolutionsChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName)),
  ];
  expect(found.filter(rule => !ACCEPTED.some(([finding]) => finding.test(rule)))).toEqual([]);
  expect(
    ACCEPTED.filter(([finding]) => !found.some(rule => finding.test(rule))).map(([, why]) => why),
  ).toEqual([]);
});

const cfnLint = process.env.CFN_LINT; // cfn-lint is a Python tool: name its path to run this test

(cfnLint === undefined ? test.skip : test).each([
  ['a trust and its gates', () => gatedStack().template],
  [
    'gates in a stack of their own, which read the keys from the stack of the trust',
    () => {
      const { stack, trust } = trustStack();
      const gates = new Stack(stack.node.root as App, 'Gates');
      tagged(gates, trust);
      return Template.fromStack(gates);
    },
  ],
])('cfn-lint finds nothing in %s', (_, synthesise) => {
  const folder = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
  try {
    const template = join(folder, 'template.json');
    writeFileSync(template, JSON.stringify(synthesise().toJSON()));
    // W3005: CDK's own DependsOn
    execFileSync(cfnLint!, ['--ignore-checks', 'W3005', '--', template], { stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

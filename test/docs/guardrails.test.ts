import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { GUARDRAILS, guardrail, isDenied, type Call } from './guardrails';
import { blocksOf, page } from './markdown';
import { gatedStack } from '../gates/gated-stack';
import { roleStatements, trustStack } from '../support/synthesise';

const policies = blocksOf(GUARDRAILS)
  .filter(({ language }) => language === 'json')
  .map(({ line, code }) => [`${GUARDRAILS.file}:${line}`, code] as const);

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Of the Service Authorization Reference; a key that does not exist would deny everything, or nothing. */
const KEYS = [
  'aws:PrincipalArn',
  'aws:PrincipalIsAWSService',
  'batch:Image',
  'batch:EKSImage',
  'codebuild:environment.image',
  'ecs:task-definition',
];
/** @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const MOST_CHARACTERS = 5_120;

test.each(policies)('%s is a policy that only denies, by keys that exist, and fits', (_, code) => {
  const document = JSON.parse(code) as { readonly Statement: readonly Statement[] };
  expect(PolicyDocument.fromJson(document).validateForIdentityPolicy()).toEqual([]);
  expect(JSON.stringify(document).length).toBeLessThan(MOST_CHARACTERS);
  for (const { Sid, Effect, Condition } of document.Statement) {
    expect([Effect, /^[A-Za-z]+$/.test(Sid)]).toEqual(['Deny', true]);
    const keys = Object.values(Condition).flatMap(Object.keys);
    expect(keys.filter(key => !KEYS.includes(key))).toEqual([]);
    // a negated operator also matches where the key is missing
    const isAlwaysThere = keys.every(key => key.startsWith('aws:'));
    expect(isAlwaysThere || Object.keys(Condition).includes('Null')).toBe(true);
  }
});

test('there are five', () => expect(policies).toHaveLength(5));

const ROLE = 'arn:aws:iam::111122223333:role/';
const DEPLOYS = `${ROLE}cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1`;
const ON_CALL = `${ROLE}on-call`;
const SCHEDULE = `${ROLE}scheduled-tasks`;
const DEVELOPER = `${ROLE}developer`;
const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const DIGEST = `sha256:${'a'.repeat(64)}`;

const task = (family: string) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/${family}:3`;

describe('only a deployment starts containers', () => {
  const policy = guardrail('only-a-deployment-starts-containers');

  test('each action is denied to a developer, and none to a deployment', () => {
    const actions = policy.flatMap(({ Action }) => Action).filter(each => !each.includes(':Start'));
    expect(actions).toContain('apprunner:CreateService');
    expect(actions.filter(action => !isDenied(policy, { by: DEVELOPER, action }))).toEqual([]);
    expect(actions.filter(action => isDenied(policy, { by: DEPLOYS, action }))).toEqual([]);
  });

  test.each<[string, Call, boolean]>([
    ['runs its task', { by: SCHEDULE, action: 'ecs:RunTask', on: task('scheduled-report') }, false],
    ['runs no other task', { by: SCHEDULE, action: 'ecs:RunTask', on: task('web') }, true],
    ['registers nothing', { by: SCHEDULE, action: 'ecs:RegisterTaskDefinition' }, true],
    ['makes no schedule', { by: SCHEDULE, action: 'scheduler:CreateSchedule' }, true],
    ['makes no service', { by: SCHEDULE, action: 'ecs:CreateService' }, true],
  ])('the role of a schedule %s', (_, call, denied) => {
    expect(isDenied(policy, call)).toBe(denied);
  });

  test('the role of the people on call stops a service, as the runbook says, and changes nothing else', () => {
    expect(page('docs/operations.md')).toContain('aws ecs update-service --desired-count 0');
    const stop: Call = { by: ON_CALL, action: 'ecs:UpdateService' };
    expect(isDenied(policy, stop)).toBe(false);
    expect(isDenied(policy, { ...stop, keys: { 'ecs:task-definition': [task('web')] } })).toBe(true);
    expect(isDenied(policy, { by: DEVELOPER, action: 'ecs:UpdateService' })).toBe(true);
    expect(isDenied(policy, { by: ON_CALL, action: 'ecs:CreateService' })).toBe(true);
    expect(isDenied(policy, { by: ON_CALL, action: 'ecs:RunTask', on: task('scheduled-a') })).toBe(true);
  });

  test.each(['codebuild:StartBuild', 'codebuild:StartBuildBatch'])('%s names no other image', action => {
    const image = ['aws/codebuild/standard:7.0'];
    for (const by of [DEVELOPER, DEPLOYS]) {
      expect(isDenied(policy, { by, action })).toBe(false);
      expect(isDenied(policy, { by, action, keys: { 'codebuild:environment.image': image } })).toBe(true);
    }
  });
});

describe('only digests in enrolled repositories', () => {
  const policy = guardrail('only-digests-in-enrolled-repositories');

  test.each([
    ['batch:RegisterJobDefinition', 'batch:image'],
    ['batch:RegisterJobDefinition', 'batch:eksimage'],
    ['codebuild:CreateProject', 'codebuild:environment.image'],
    ['codebuild:StartBuild', 'codebuild:environment.image'],
  ])('%s by %s', (action, key) => {
    const denied = (image?: string) =>
      isDenied(policy, { by: DEPLOYS, action, keys: image === undefined ? {} : { [key]: [image] } });
    expect(denied()).toBe(false);
    expect(denied(`${REGISTRY}/team/app@${DIGEST}`)).toBe(false);
    expect(denied(`${REGISTRY}/team/app:v1`)).toBe(true);
    expect(denied(`${REGISTRY}.evil.io/team/app@${DIGEST}`)).toBe(true);
    expect(denied(`${REGISTRY}/other/app@${DIGEST}`)).toBe(true);
  });
});

describe('only hosts with a gate pull', () => {
  const policy = guardrail('only-hosts-with-a-gate-pull');
  const on = 'arn:aws:ecr:eu-west-1:111122223333:repository/team/app';
  const isKept = (call: Omit<Call, 'action'>) =>
    ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'].map(action =>
      isDenied(policy, { on, keys: { 'aws:principalisawsservice': ['false'] }, ...call, action }),
    );

  test.each(['developer', 'node-without-admission', 'ec2-with-docker', 'build'])('not the role %s', name => {
    expect(isKept({ by: ROLE + name })).toEqual([true, true]);
  });

  test.each(['push', 'pull-execution-web', 'pull-gated-node-eu', 'cdk-hnb659fds-cfn-exec-role-1-eu'])(
    'the role %s',
    name => expect(isKept({ by: ROLE + name })).toEqual([false, false]),
  );

  test('a service that pulls by itself, as AWS Lambda, if it is the policy of a repository', () => {
    expect(isKept({ keys: { 'aws:principalisawsservice': ['true'] } })).toEqual([false, false]);
  });

  test('other repositories are not held', () => {
    expect(isKept({ by: DEVELOPER, on: on.replace('team/', 'other/') })).toEqual([false, false]);
  });

  test('every role of the library that pulls is listed, by the name that CloudFormation gives it', () => {
    const ofTrust = [...roleStatements(trustStack().template).keys()];
    const pulling = [...roleStatements(gatedStack().template)]
      .filter(([, statements]) => statements.some(({ actions }) => actions.includes('ecr:BatchGetImage')))
      .map(([id]) => `${ROLE}${ofTrust.includes(id) ? 'Trust' : 'Shop'}-${id}-1A2B3C4D5E6F`);
    expect(pulling.length).toBeGreaterThanOrEqual(3);
    expect(pulling.filter(by => isKept({ by }).includes(true))).toEqual([]);
  });
});

describe('nobody blinds the watchers', () => {
  const policy = guardrail('nobody-blinds-the-watchers');

  test.each([
    'cloudformation:SetTypeConfiguration',
    'cloudformation:SetTypeDefaultVersion',
    'cloudformation:ActivateType',
    'cloudformation:DeactivateType',
    'cloudformation:DeregisterType',
  ])('only a deployment may switch the hook of CloudFormationGate off: %s', action => {
    const hook = 'arn:aws:cloudformation:eu-west-1:111122223333:type/hook/TrustedImages-Gate-Gate';
    for (const on of [hook, undefined]) {
      expect(isDenied(policy, { by: DEVELOPER, action, on })).toBe(true);
      expect(isDenied(policy, { by: DEPLOYS, action, on })).toBe(false);
    }
  });

  test.each<[string, string]>([
    ['cloudtrail:StopLogging', 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/all'],
    ['events:DisableRule', 'arn:aws:events:eu-west-1:111122223333:rule/Trust-Calls'],
    ['lambda:PutFunctionConcurrency', 'arn:aws:lambda:eu-west-1:111122223333:function:Trust-Watch'],
    ['sqs:PurgeQueue', 'arn:aws:sqs:eu-west-1:111122223333:Trust-Runs'],
    ['cloudwatch:DeleteAlarms', 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Trust-Alarm'],
  ])('nobody else calls %s', (action, on) => {
    expect(isDenied(policy, { by: DEVELOPER, action, on })).toBe(true);
  });
});

test('only the pipeline and the signer push', () => {
  const policy = guardrail('only-the-pipeline-pushes');
  const push = { action: 'ecr:PutImage', on: 'arn:aws:ecr:eu-west-1:111122223333:repository/team/app' };
  const denied = ['developer', 'push', 'Trust-TrustSignerRole-1A2B'].map(name =>
    isDenied(policy, { ...push, by: ROLE + name }),
  );
  expect(denied).toEqual([true, false, false]);
});

import { Template } from 'aws-cdk-lib/assertions';
import { WITH_BREAK_GLASS, DIGEST, gatedStack, tagged } from './gated-stack';
import { TrustedImage } from '../../src';
import {
  exceptedRoles,
  nameOf,
  resourcePolicy,
  rightsOf,
  roleStatements,
  statementsOf,
  text,
  trustStack,
  type Statement,
} from '../support/synthesise';

const PROVIDER = /TrustedImagesc8[0-9a-f]{6}/g;

/** What roles may, without the address of the trust in names. */
function rolesOf(template: Template): Map<string, Statement[]> {
  return new Map(
    Object.entries(
      JSON.parse(
        JSON.stringify(Object.fromEntries(roleStatements(template))).replace(PROVIDER, ''),
      ) as Record<string, Statement[]>,
    ),
  );
}

const roles = rolesOf(gatedStack().template);
const ofTrust = rolesOf(trustStack(WITH_BREAK_GLASS).template);
const gates = new Map([...roles].filter(([role]) => !ofTrust.has(role)));

const ASK = [
  'Allow dynamodb:GetItem TrustRegister',
  'Allow dynamodb:GetItem TrustPolicies',
  'Allow kms:DescribeKey TrustSigningKey',
  'Allow kms:GetPublicKey TrustSigningKey',
];
/** All that each role of a gate may: what is not here, somebody added. */
const RIGHTS: Record<string, string[]> = {
  RequestRole: [
    ...ASK,
    'Allow sqs:SendMessage TrustScannerRequests',
    'Allow sqs:SendMessage Deployments',
    'Allow cloudformation:DescribeStacks StackId',
    'Allow ecr:BatchGetImage arn:Partition:ecr:Region:AccountId:repository/team/app',
  ],
  AwaitRole: [
    ...ASK,
    'Allow dynamodb:Query TrustBreakGlass', // the grants of its account, image by image
    'Allow sqs:SendMessage TrustBreakGlassMessages', // the use of one
    'Allow sns:Publish TrustAlertsTopic',
    'Allow kms:Decrypt TrustAlertsKey',
    'Allow kms:GenerateDataKey TrustAlertsKey',
    'Allow sqs:SendMessage Deployments',
    'Allow sqs:SendMessage DeploymentsDeadLetters',
  ],
};

describe('what a gate may', () => {
  test('these are all its roles', () => {
    expect([...gates.keys()].sort()).toEqual(Object.keys(RIGHTS).sort());
  });

  test.each(Object.entries(RIGHTS))('%s may exactly this', (role, rights) => {
    expect(rightsOf(gates.get(role)!)).toEqual([...rights].sort());
  });

  test.each([
    ['RequestRole', 'RequestLogs'],
    ['AwaitRole', 'AwaitLogs'],
  ])('%s writes to %s and no other log', (role, group) => {
    expect(
      gates.get(role)!.filter(({ actions }) => actions.some(action => action.startsWith('logs:'))),
    ).toEqual([
      { effect: 'Allow', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [group] },
    ]);
  });

  test('it can neither sign, nor write what it reads, nor hand itself more', () => {
    const actions = [...gates.values()].flat().flatMap(statement => statement.actions);
    const changing =
      /^(?:kms:(?!Decrypt$|GenerateDataKey$|DescribeKey$|GetPublicKey$)|dynamodb:(?!GetItem$|Query$)|ecr:(?!BatchGetImage$)|cloudformation:(?!DescribeStacks$)|s3:|events:|iam:|sts:|codebuild:|.*\*)/;
    expect(actions.filter(action => changing.test(action))).toEqual([]);
  });

  test('what asks reads no queue: what it sends, it cannot take back; what looks reads the one of deployments', () => {
    const reads = (role: string) =>
      gates
        .get(role)!
        .flatMap(({ actions, resources }) => (actions.includes('sqs:ReceiveMessage') ? resources : []));
    expect(['RequestRole', 'AwaitRole'].map(reads)).toEqual([[], ['Deployments']]);
    expect([
      ...new Set(
        gates
          .get('RequestRole')!
          .flatMap(({ actions }) => actions)
          .filter(action => action.startsWith('sqs:')),
      ),
    ]).toEqual(['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl']);
  });

  test('no role has a managed policy of AWS, and none can be assumed by anybody but its service', () => {
    const made = Object.entries(gatedStack().template.findResources('AWS::IAM::Role'))
      .map(([id, { Properties }]) => ({ role: nameOf(id).replace(PROVIDER, ''), ...Properties }))
      .filter(({ role }) => gates.has(role));
    for (const { ManagedPolicyArns, Policies } of made) {
      expect([ManagedPolicyArns, Policies]).toEqual([undefined, undefined]);
    }
    expect(
      made
        .map(
          ({ role, AssumeRolePolicyDocument }) =>
            `${role}: ${statementsOf(AssumeRolePolicyDocument)
              .map(({ principal }) => principal)
              .join()}`,
        )
        .sort(),
    ).toEqual(['AwaitRole: lambda.amazonaws.com', 'RequestRole: lambda.amazonaws.com']);
  });
});

describe('rule 5.10, no secrets of gates: the queue of deployments, whose messages have what answers CloudFormation', () => {
  const { template } = gatedStack();
  const ofGates = <T>(all: Record<string, T>): [string, T][] =>
    Object.entries(all)
      .filter(([id]) => id.startsWith('TrustedImages'))
      .map(([id, each]) => [nameOf(id).replace(PROVIDER, ''), each]);
  const policies = new Map(
    ofGates(template.findResources('AWS::SQS::QueuePolicy')).map(([name, { Properties }]) => [
      name,
      statementsOf(Properties.PolicyDocument),
    ]),
  );
  const denials = (policy: string) =>
    policies
      .get(policy)!
      .filter(({ sid }) => sid !== undefined)
      .map(each => [
        each.effect,
        each.principal,
        each.actions.join(' '),
        exceptedRoles(each).map(role => role.replace(PROVIDER, '')),
      ]);
  const TAKE = 'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:PurgeQueue sqs:ReceiveMessage';

  test.each([
    ['DeploymentsPolicy', ['RequestRole', 'AwaitRole']],
    ['DeploymentsDeadLettersPolicy', ['AwaitRole']],
  ])(
    '%s: nobody but who looks may take a message, and nobody but %j send one, whatever their own policies allow',
    (policy, senders) => {
      expect(denials(policy)).toEqual([
        ['Deny', '*', TAKE, ['AwaitRole']],
        ['Deny', '*', 'sqs:SendMessage', senders],
      ]);
      expect(policies.get(policy)!.filter(({ effect }) => effect === 'Allow')).toEqual([]);
      // more SQS does not take
      for (const { actions } of policies.get(policy)!) expect(actions.length).toBeLessThanOrEqual(7);
    },
  );

  test('is encrypted, as its dead letters are, which nobody can read either, and keeps nothing for longer than anybody listens', () => {
    const queues = ofGates(template.findResources('AWS::SQS::Queue'));
    expect(queues.map(([name]) => name).sort()).toEqual(['Deployments', 'DeploymentsDeadLetters']);
    for (const [, { Properties }] of queues) {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 7200 });
    }
  });

  test('hands a message back soon after the function that had it died', () => {
    const [, { Properties }] = ofGates(template.findResources('AWS::SQS::Queue')).find(
      ([name]) => name === 'Deployments',
    )!;
    expect(Properties).toMatchObject({ VisibilityTimeout: 90, RedrivePolicy: { maxReceiveCount: 100 } });
  });

  test('tells people of what nobody could answer, by the topic of the trust', () => {
    const [[, { Properties }], ...more] = ofGates(template.findResources('AWS::CloudWatch::Alarm')) as [
      [string, any],
    ];
    expect(more).toEqual([]);
    expect(Properties.AlarmActions.map(text)).toEqual(['TrustAlertsTopic']);
    expect(Properties.AlarmDescription).toMatch(
      /^A deployment was not answered: .*\/Await says why\. Nobody can read the message/,
    );
  });

  test("there is no state machine, whose executions people may read, and no function of CDK's framework, which logs the whole event", () => {
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
    expect(JSON.stringify(ofGates(template.toJSON().Resources))).not.toContain('states:');
  });
});

describe('what a gate changes', () => {
  const { template } = gatedStack();

  test('nothing of what others may', () => {
    expect(new Map([...roles].filter(([role]) => ofTrust.has(role)))).toEqual(ofTrust);
  });

  test('nothing of who writes the register, publishes or signs', () => {
    const key = resourcePolicy(template, 'AWS::KMS::Key', 'TrustSigningKey', 'KeyPolicy');
    expect(key).toEqual(
      resourcePolicy(trustStack(WITH_BREAK_GLASS).template, 'AWS::KMS::Key', 'TrustSigningKey', 'KeyPolicy'),
    );
    expect(exceptedRoles(key[1]!)).toEqual(['TrustSignerRole']);
    for (const type of [
      'AWS::Events::EventBusPolicy',
      'AWS::S3::BucketPolicy',
      'AWS::DynamoDB::GlobalTable',
      'AWS::SQS::QueuePolicy',
      'AWS::SNS::TopicPolicy',
    ]) {
      const ofAnother = Object.entries(template.findResources(type)).filter(
        ([id]) => !id.startsWith('TrustedImages'),
      );
      expect(Object.fromEntries(ofAnother)).toEqual(
        trustStack(WITH_BREAK_GLASS).template.findResources(type),
      );
    }
  });

  test('an image of another repository: its tag may be read there too, by the function that asks', () => {
    const { stack, trust } = gatedStack();
    tagged(stack, trust, 'team/api', 'Api');
    const more = rolesOf(Template.fromStack(stack));
    const registry = more.get('RequestRole')!.filter(({ actions }) => actions.includes('ecr:BatchGetImage'));
    expect(registry.flatMap(({ resources }) => resources)).toEqual(
      ['team/app', 'team/api'].map(name => `arn:Partition:ecr:Region:AccountId:repository/${name}`),
    );
    expect(more.get('AwaitRole')).toEqual(roles.get('AwaitRole'));
  });

  test('another image of that repository: nothing', () => {
    const { stack, trust, image } = gatedStack();
    TrustedImage.fromDigest(stack, 'Second', { trust, repository: image.repository, digest: DIGEST });
    expect(rolesOf(Template.fromStack(stack))).toEqual(roles);
  });
});

import { Template } from 'aws-cdk-lib/assertions';
import { WITH_BREAK_GLASS, DIGEST, gatedStack, tagged } from './gated-stack';
import { TrustedImage } from '../../src';
import {
  exceptedRoles,
  nameOf,
  rightsOf,
  roleStatements,
  statementsOf,
  text,
  trustStack,
  type Statement,
} from '../support/synthesise';

const GATE = /TrustGate/g;

/** What roles may, without the construct of the gate in names. */
function rolesOf(template: Template): Map<string, Statement[]> {
  return new Map(
    Object.entries(
      JSON.parse(JSON.stringify(Object.fromEntries(roleStatements(template))).replace(GATE, '')) as Record<
        string,
        Statement[]
      >,
    ),
  );
}

const roles = rolesOf(gatedStack().template);
const ofGate = (role: string) => /^(?:Request|Await)Role$/.test(role);
const gates = new Map([...roles].filter(([role]) => ofGate(role)));

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
    'Allow sqs:SendMessage DeploymentsDeadLetters',
    // of any stack of the account: any may ask (0049)
    'Allow cloudformation:DescribeStackResource arn:Partition:cloudformation:Region:AccountId:stack/*',
    'Allow cloudformation:DescribeStacks arn:Partition:cloudformation:Region:AccountId:stack/*',
    'Allow ecr:BatchGetImage arn:Partition:ecr:Region:AccountId:repository/team/*', // what the trust enrols
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
      /^(?:kms:(?!Decrypt$|GenerateDataKey$|DescribeKey$|GetPublicKey$)|dynamodb:(?!GetItem$|Query$)|ecr:(?!BatchGetImage$)|cloudformation:(?!DescribeStack(?:s|Resource)$)|s3:|events:|iam:|sts:|codebuild:|.*\*)/;
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
      .map(([id, { Properties }]) => ({ role: nameOf(id).replace(GATE, ''), ...Properties }))
      .filter(({ role }) => gates.has(role));
    for (const { ManagedPolicyArns } of made) expect(ManagedPolicyArns).toBeUndefined();
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
      .filter(([id]) => /^(?:TrustGate|TrustedImagesGate)/.test(id))
      .map(([id, each]) => [nameOf(id).replace(GATE, ''), each]);
  const policies = new Map(
    ofGates(template.findResources('AWS::SQS::QueuePolicy')).map(([name, { Properties }]) => [
      name,
      statementsOf(Properties.PolicyDocument),
    ]),
  );
  const denials = (policy: string) =>
    policies
      .get(policy)!
      .filter(({ sid }) => sid !== 'OnlyByTls')
      .map(each => [
        each.effect,
        each.principal,
        each.actions.join(' '),
        exceptedRoles(each).map(role => role.replace(GATE, '')),
      ]);
  const TAKE = 'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:PurgeQueue sqs:ReceiveMessage';

  test('nobody but who looks may take a message of it or of its dead letters, and nobody but the two functions send one, whatever their own policies allow', () => {
    expect([...policies.keys()]).toEqual(['DeploymentsPolicy']);
    const statements = policies.get('DeploymentsPolicy')!;
    expect(denials('DeploymentsPolicy')).toEqual([
      ['Deny', '*', TAKE, ['AwaitRole']],
      ['Deny', '*', 'sqs:SendMessage', ['RequestRole', 'AwaitRole']],
    ]);
    expect(statements.filter(({ effect }) => effect === 'Allow')).toEqual([]);
    for (const { actions, resources } of statements) {
      expect(actions.length).toBeLessThanOrEqual(7); // more SQS does not take
      expect(resources.map(each => each.replace(GATE, ''))).toEqual([
        'Deployments',
        'DeploymentsDeadLetters',
      ]);
    }
    const [[, { Properties }]] = ofGates(template.findResources('AWS::SQS::QueuePolicy')) as [[string, any]];
    expect(Properties.Queues.map(text).map((each: string) => each.replace(GATE, ''))).toEqual([
      'Deployments',
      'DeploymentsDeadLetters',
    ]);
  });

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
      /^A deployment was not answered: .*\/Await or .*\/Request says why\. Nobody can read the message/,
    );
  });

  test("there is no state machine, whose executions people may read, and no function of CDK's framework, which logs the whole event", () => {
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
    expect(JSON.stringify(ofGates(template.toJSON().Resources))).not.toContain('states:');
  });
});

describe('what an image that asks changes', () => {
  test('nothing of what anybody may, if the trust enrols its repository', () => {
    expect(roles).toEqual(rolesOf(trustStack(WITH_BREAK_GLASS).template));
    for (const type of [
      'AWS::KMS::Key',
      'AWS::Events::EventBusPolicy',
      'AWS::S3::BucketPolicy',
      'AWS::DynamoDB::GlobalTable',
      'AWS::SQS::QueuePolicy',
      'AWS::SNS::TopicPolicy',
    ]) {
      expect(gatedStack().template.findResources(type)).toEqual(
        trustStack(WITH_BREAK_GLASS).template.findResources(type),
      );
    }
  });

  test('an image of another repository: its tag may be read there too, by the function that asks', () => {
    const { stack, trust, image } = gatedStack();
    tagged(stack, trust, 'other/api', 'Api');
    TrustedImage.fromDigest(stack, 'Second', { trust, repository: image.repository, digest: DIGEST });
    const more = rolesOf(Template.fromStack(stack));
    const registry = more.get('RequestRole')!.filter(({ actions }) => actions.includes('ecr:BatchGetImage'));
    expect(registry.flatMap(({ resources }) => resources)).toEqual(
      ['team/*', 'other/api'].map(name => `arn:Partition:ecr:Region:AccountId:repository/${name}`),
    );
    expect(more.get('AwaitRole')).toEqual(roles.get('AwaitRole'));
  });
});

// the pulls of other roles are excluded: scans every day would keep every image young. A gate asks for the
// manifest of what is deployed, and an account has 100 exclusions
test('the lookups of a gate count as pulls', () => {
  const excluded = Object.values(trustStack().template.findResources('AWS::ECR::PullTimeUpdateExclusion'));
  expect(excluded.length).toBeGreaterThan(0);
  for (const { Properties } of excluded) expect(text(Properties.PrincipalArn)).not.toMatch(/Gate/);
});

import { Template } from 'aws-cdk-lib/assertions';
import { DIGEST, gatedStack, tagged } from './gated-stack';
import { TrustedImage } from '../../src';
import { exceptedRoles, nameOf, resourcePolicy, rightsOf, roleStatements, statementsOf, trustStack, type Statement } from '../support/synthesise';

const PROVIDER = /TrustedImagesc8[0-9a-f]{6}/g;

/** What roles may, without the address of the trust in names. */
function rolesOf(template: Template): Map<string, Statement[]> {
  return new Map(Object.entries(JSON.parse(JSON.stringify(Object.fromEntries(roleStatements(template))).replace(PROVIDER, '')) as Record<string, Statement[]>));
}

const roles = rolesOf(gatedStack().template);
const ofTrust = rolesOf(trustStack().template);
const gates = new Map([...roles].filter(([role]) => !ofTrust.has(role)));

const ASK = ['Allow dynamodb:GetItem TrustRegister', 'Allow dynamodb:GetItem TrustPolicies', 'Allow kms:DescribeKey TrustSigningKey', 'Allow kms:GetPublicKey TrustSigningKey'];
const invoke = (name: string) => ['', ':*'].map(version => `Allow lambda:InvokeFunction ${name}${version}`);
/** What CDK's framework for custom resources adds to a role that it is given. */
const CALL_OURS = ['Request', 'Await'].flatMap(name => [...invoke(name), `Allow lambda:GetFunction ${name}`]);

/** All that each role of a gate may: what is not here, somebody added. */
const RIGHTS: Record<string, string[]> = {
  RequestRole: [
    ...ASK, 'Allow sqs:SendMessage TrustScannerRequests', 'Allow cloudformation:DescribeStacks StackId', 'Allow ecr:BatchGetImage arn:Partition:ecr:Region:AccountId:repository/team/app',
  ],
  AwaitRole: [...ASK, 'Allow sns:Publish TrustAlertsTopic', 'Allow kms:Decrypt TrustAlertsKey', 'Allow kms:GenerateDataKey TrustAlertsKey'],
  FrameworkRole: [...CALL_OURS, 'Allow states:StartExecution Providerwaiterstatemachine'],
  CompletionRole: CALL_OURS,
  ProviderwaiterstatemachineRole: [...invoke('ProviderframeworkisComplete'), ...invoke('ProviderframeworkonTimeout')],
};

describe('what a gate may', () => {
  test('these are all its roles', () => {
    expect([...gates.keys()].sort()).toEqual(Object.keys(RIGHTS).sort());
  });

  test.each(Object.entries(RIGHTS))('%s may exactly this', (role, rights) => {
    expect(rightsOf(gates.get(role)!)).toEqual([...rights].sort());
  });

  test.each([['RequestRole', 'RequestLogs'], ['AwaitRole', 'AwaitLogs'], ['FrameworkRole', 'FrameworkLogs'], ['CompletionRole', 'FrameworkLogs']])('%s writes to %s and no other log', (role, group) => {
    expect(gates.get(role)!.filter(({ actions }) => actions.some(action => action.startsWith('logs:')))).toEqual([{ effect: 'Allow', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [group] }]);
  });

  test('it can neither sign, nor write what it reads, nor hand itself more', () => {
    const actions = [...gates.values()].flat().flatMap(statement => statement.actions);
    const changing = /^(?:kms:(?!Decrypt$|GenerateDataKey$|DescribeKey$|GetPublicKey$)|dynamodb:(?!GetItem$)|ecr:(?!BatchGetImage$)|cloudformation:(?!DescribeStacks$)|s3:|events:|iam:|sts:|codebuild:|.*\*)/;
    expect(actions.filter(action => changing.test(action))).toEqual([]);
  });

  test('it reads no queue: what it sends, it cannot take back', () => {
    expect(gates.get('RequestRole')!.filter(({ actions }) => actions[0]!.startsWith('sqs:')).flatMap(({ actions }) => actions)).toEqual(['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl']);
  });

  test('no role has a managed policy of AWS, and none can be assumed by anybody but its service', () => {
    const made = Object.entries(gatedStack().template.findResources('AWS::IAM::Role')).map(([id, { Properties }]) => ({ role: nameOf(id).replace(PROVIDER, ''), ...Properties })).filter(({ role }) => gates.has(role));
    for (const { ManagedPolicyArns, Policies } of made) expect([ManagedPolicyArns, Policies]).toEqual([undefined, undefined]);
    expect(made.map(({ role, AssumeRolePolicyDocument }) => `${role}: ${statementsOf(AssumeRolePolicyDocument).map(({ principal }) => principal).join()}`).sort()).toEqual([
      'AwaitRole: lambda.amazonaws.com', 'CompletionRole: lambda.amazonaws.com', 'FrameworkRole: lambda.amazonaws.com', 'ProviderwaiterstatemachineRole: states.amazonaws.com', 'RequestRole: lambda.amazonaws.com',
    ]);
  });
});

describe('what a gate changes', () => {
  const { template } = gatedStack();

  test('nothing of what others may', () => {
    expect(new Map([...roles].filter(([role]) => ofTrust.has(role)))).toEqual(ofTrust);
  });

  test('nothing of who writes the register, publishes or signs', () => {
    const key = resourcePolicy(template, 'AWS::KMS::Key', 'TrustSigningKey', 'KeyPolicy');
    expect(key).toEqual(resourcePolicy(trustStack().template, 'AWS::KMS::Key', 'TrustSigningKey', 'KeyPolicy'));
    expect(exceptedRoles(key[1]!)).toEqual(['TrustSignerRole']);
    for (const type of ['AWS::Events::EventBusPolicy', 'AWS::S3::BucketPolicy', 'AWS::DynamoDB::GlobalTable', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy']) {
      expect(template.findResources(type)).toEqual(trustStack().template.findResources(type));
    }
  });

  test('an image of another repository: its tag may be read there too, by the function that asks', () => {
    const { stack, trust } = gatedStack();
    tagged(stack, trust, 'team/api', 'Api');
    const more = rolesOf(Template.fromStack(stack));
    const registry = more.get('RequestRole')!.filter(({ actions }) => actions.includes('ecr:BatchGetImage'));
    expect(registry.flatMap(({ resources }) => resources)).toEqual(['team/app', 'team/api'].map(name => `arn:Partition:ecr:Region:AccountId:repository/${name}`));
    for (const role of ['AwaitRole', 'FrameworkRole', 'CompletionRole', 'ProviderwaiterstatemachineRole']) expect(more.get(role)).toEqual(roles.get(role));
  });

  test('another image of that repository: nothing', () => {
    const { stack, trust, image } = gatedStack();
    TrustedImage.fromDigest(stack, 'Second', { trust, repository: image.repository, digest: DIGEST });
    expect(rolesOf(Template.fromStack(stack))).toEqual(roles);
  });
});

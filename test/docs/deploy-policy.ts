import type { TemplateCheckers } from '../../local/tools/template-checkers';
import type { CloudFormationTemplate } from '../support/quickstart';

/** An action of AWS's schemas that this library's resources do not need. */
export interface Unneeded {
  readonly action: RegExp;
  /** The types whose schema names it. */
  readonly of: RegExp;
  readonly why: string;
}

/** AWS's schemas name the actions for all properties of a type. These are for properties not set here. */
export const UNNEEDED: readonly Unneeded[] = [
  { action: /^kms:/, of: /^AWS::(?!KMS::)/, why: 'the resource has no key of its own' },
  {
    action:
      /^(?:application-autoscaling:|kinesis:|cloudwatch:PutMetricData$|dynamodb:\w*Kinesis|dynamodb:UpdateTableReplicaAutoScaling$|dynamodb:UpdateContributorInsights$)/,
    of: /^AWS::DynamoDB::/,
    why: 'tables are on demand, and are streamed nowhere',
  },
  {
    action:
      /^(?:dynamodb:(?:\w+TableReplica|BatchWriteItem|(?:Delete|Get|Put|Update)Item|Query|Scan)|iam:CreateServiceLinkedRole)$/,
    of: /^AWS::DynamoDB::/,
    why: 'tables have no replica in another region',
  },
  { action: /^iam:\w+(?:Group|User)Policy$/, of: /^AWS::IAM::Policy$/, why: 'policies are those of roles' },
  { action: /^iam:\w+PermissionsBoundary$/, of: /^AWS::IAM::Role$/, why: 'no boundary is set' },
  { action: /^iam:PassRole$/, of: /^AWS::(?:Events|S3)::/, why: 'neither rules nor buckets have a role' },
  { action: /^iam:/, of: /^AWS::SNS::/, why: 'deliveries are not logged' },
  {
    action: /^(?:ec2:|elasticfilesystem:|s3files:)/,
    of: /^AWS::Lambda::Function$/,
    why: 'functions have no network unless you give one, and no file system',
  },
  {
    action:
      /^lambda:(?:(?:Put|Delete)Function(?:CodeSigningConfig|Concurrency|RecursionConfig|ScalingConfig)|PutRuntimeManagementConfig|AssociateRuntimeAlias|PassCapacityProvider|PublishVersion|GetCodeSigningConfig|GetLayerVersion)$/,
    of: /^AWS::Lambda::Function$/,
    why: 'functions have no reserved concurrency, versions, code signing or layers, unless a policy is in Rego',
  },
  {
    action:
      /^(?:firehose:|s3:|logs:(?:CreateLogDelivery|(?:Associate|Disassociate)KmsKey|(?:Put|Delete)(?:DataProtection|Index|Resource)Policy|DescribeResourcePolicies|PutBearerTokenAuthentication|PutLogGroupDeletionProtection)$)/,
    of: /^AWS::Logs::/,
    why: 'log groups have a retention and nothing else',
  },
  {
    action:
      /^(?:s3tables:|s3:(?:Put|Delete|Update|Create)\w*(?:Accelerate|Analytics|Inventory|Metrics|Metadata|Replication|Website|CORS|Cors|Logging|IntelligentTiering|ObjectLock|Abac|Acl)\w*$|s3:DeleteObject$|s3:DeleteBucket(?:Encryption|Lifecycle)$)/,
    of: /^AWS::S3::Bucket$/,
    why: 'buckets have encryption, versions, lifecycle rules and notifications, and nothing else',
  },
  {
    action: /^sns:(?:Subscribe|Unsubscribe|PutDataProtectionPolicy)$/,
    of: /^AWS::SNS::Topic$/,
    why: 'who listens to the topic is for you to say',
  },
];

/** AWS's schema of this type names no actions. */
const WITHOUT_SCHEMA: Readonly<Record<string, readonly string[]>> = {
  'AWS::CodeBuild::Project': [
    'codebuild:BatchGetProjects',
    'codebuild:CreateProject',
    'codebuild:DeleteProject',
    'codebuild:UpdateProject',
    'iam:PassRole',
  ],
};

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: object;
}

export interface DeployPolicy {
  readonly document: { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };
  /** The actions that each type of the templates needs. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
  /** What AWS's schemas name, needed or not. */
  readonly named: Readonly<Record<string, readonly string[]>>;
}

/** What CloudFormation's role needs to deploy these templates, and delete them. */
export async function deployPolicy(
  templates: readonly CloudFormationTemplate[],
  { actionsOf }: Pick<TemplateCheckers, 'actionsOf'>,
): Promise<DeployPolicy> {
  const resources = templates.flatMap(({ Resources }) => Object.values(Resources));
  const types = [...new Set(resources.map(({ Type }) => Type))].sort();
  const named = await actionsOf(types.filter(type => type.startsWith('AWS::')));
  const actions = Object.fromEntries(
    types.map(type => [
      type,
      type.startsWith('AWS::')
        ? (WITHOUT_SCHEMA[type] ?? named[type]!.filter(action => isNeeded(type, action)))
        : ['lambda:InvokeFunction'],
    ]),
  );
  const text = JSON.stringify(templates);
  const all = [
    ...new Set([
      ...Object.values(actions).flat(),
      // CDK's template asks for the version of its bootstrap
      ...(text.includes('AWS::SSM::Parameter::Value') ? ['ssm:GetParameters'] : []),
      'cloudformation:DescribeStacks', // gates in other stacks read outputs of the trust
    ]),
  ].sort();
  const services = [...new Set(all.map(action => action.split(':')[0]!))];
  const statement = (service: string): Statement[] => {
    const own = all.filter(action => action.startsWith(`${service}:`));
    if (service !== 'iam') return [{ Sid: sid(service), Effect: 'Allow', Action: own, Resource: '*' }];
    const Resource = 'arn:aws:iam::*:role/STACK-*';
    const isPass = (action: string) => action === 'iam:PassRole';
    return [
      { Sid: 'Iam', Effect: 'Allow', Action: own.filter(action => !isPass(action)), Resource },
      {
        Sid: 'IamPassRole',
        Effect: 'Allow',
        Action: own.filter(isPass),
        Resource,
        Condition: { StringEquals: { 'iam:PassedToService': passedTo(resources) } },
      },
    ];
  };
  return { document: { Version: '2012-10-17', Statement: services.flatMap(statement) }, actions, named };
}

function isNeeded(type: string, action: string): boolean {
  return !UNNEEDED.some(each => each.of.test(type) && each.action.test(action));
}

/** The services that may assume the roles of the templates. */
function passedTo(resources: readonly CloudFormationTemplate['Resources'][string][]): string[] {
  const roles = resources.filter(({ Type }) => Type === 'AWS::IAM::Role');
  const principals = roles.flatMap(({ Properties }) =>
    Properties!.AssumeRolePolicyDocument.Statement.map(
      ({ Principal }: { Principal: { Service: string } }) => Principal.Service,
    ),
  );
  return [...new Set<string>(principals)].sort();
}

function sid(service: string): string {
  return service[0]!.toUpperCase() + service.slice(1);
}

import { Template } from './template';
import type { Place } from '../accounts/places';
import { withPseudoParameters } from '../accounts/pseudo-parameters';
import { AwsClients } from '../aws-clients';
import { stackNamed, stackResources } from '../stack-resources';

type IsThere = (name: string, aws: AwsClients, place: Place) => Promise<unknown>;

/**
 * Types with names of their own, and how the gateway asks whether one is there. MiniStack refuses some others
 * itself: buckets, buses, and projects of builds.
 */
const NAMED: Readonly<Record<string, readonly [property: string, isThere: IsThere]>> = {
  'AWS::CloudWatch::Alarm': [
    'AlarmName',
    async (name, { cloudwatch }) =>
      (await cloudwatch.describeAlarms({ AlarmNames: [name] })).MetricAlarms?.length,
  ],
  'AWS::DynamoDB::GlobalTable': ['TableName', isTable],
  'AWS::DynamoDB::Table': ['TableName', isTable],
  'AWS::ECR::Repository': [
    'RepositoryName',
    (name, { ecr }) => ecr.describeRepositories({ repositoryNames: [name] }),
  ],
  'AWS::IAM::Role': ['RoleName', (RoleName, { iam }) => iam.getRole({ RoleName })],
  'AWS::Lambda::Function': [
    'FunctionName',
    (FunctionName, { lambda }) => lambda.getFunctionConfiguration({ FunctionName }),
  ],
  'AWS::Logs::LogGroup': [
    'LogGroupName',
    async (name, { logs }) => {
      const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: name });
      return logGroups.some(({ logGroupName }) => logGroupName === name);
    },
  ],
  'AWS::SNS::Topic': [
    'TopicName',
    (name, { sns }, { account, region }) =>
      sns.getTopicAttributes({ TopicArn: `arn:aws:sns:${region}:${account}:${name}` }),
  ],
  'AWS::SQS::Queue': ['QueueName', (QueueName, { sqs }) => sqs.getQueueUrl({ QueueName })],
};

function isTable(TableName: string, { dynamodb }: AwsClients): Promise<unknown> {
  return dynamodb.describeTable({ TableName });
}

/**
 * What CloudFormation says before it deploys a template with the name of a resource that exists outside the
 * stack, or under another logical id in it; undefined if there is none. MiniStack would take the resource
 * over.
 */
export async function takenName(
  { Resources = {} }: Template,
  stackName: string,
  place: Place,
  aws: AwsClients,
): Promise<string | undefined> {
  const named = Object.entries(Resources).flatMap(([id, { Type, Properties, Condition }]) => {
    const [property, isThere] = Condition === undefined ? (NAMED[Type] ?? []) : [];
    const name = property && withPseudoParameters(Properties?.[property], place);
    return isThere !== undefined && typeof name === 'string' ? [{ id, Type, name, isThere }] : [];
  });
  if (named.length === 0) return undefined;
  const own = await physicalIds(stackName, aws);
  // a name, an ARN or a URL
  const isOwn = (id: string, name: string) =>
    own.get(id) === name || [':', '/'].some(before => own.get(id)?.endsWith(`${before}${name}`));
  for (const { id, Type, name, isThere } of named) {
    if (isOwn(id, name)) continue;
    if (await isThere(name, aws, place).catch(() => false)) {
      return `Resource of type '${Type}' with identifier '${name}' already exists.`;
    }
  }
  return undefined;
}

async function physicalIds(
  stackName: string,
  aws: Pick<AwsClients, 'cloudformation'>,
): Promise<Map<string, string>> {
  if ((await stackNamed(stackName, aws)) === undefined) return new Map();
  const all = await stackResources(aws, stackName);
  return new Map(all.map(each => [each.LogicalResourceId!, each.PhysicalResourceId!]));
}

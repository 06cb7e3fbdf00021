import { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { Template } from './template';
import { AwsClients } from '../aws-clients';
import { stackResources } from '../stack-resources';

const REPOSITORY = 'AWS::ECR::Repository';

/**
 * What CloudFormation says before it deploys a template with the name of a repository that exists outside the
 * stack; undefined if there is none. MiniStack would make the repository a part of the stack.
 */
export async function takenName(
  { Resources = {} }: Template,
  stackName: string,
  aws: Pick<AwsClients, 'cloudformation' | 'ecr'>,
): Promise<string | undefined> {
  const names = Object.values(Resources)
    .filter(({ Type }) => Type === REPOSITORY)
    .map(({ Properties }) => Properties?.RepositoryName)
    .filter(name => typeof name === 'string');
  if (names.length === 0) return undefined;
  const [{ repositories = [] }, own] = await Promise.all([
    aws.ecr.describeRepositories({}),
    resourcesOf(stackName, aws),
  ]);
  const isOwn = (name: string) => own.some(each => each.PhysicalResourceId === name);
  const taken = names.find(name => repositories.some(each => each.repositoryName === name) && !isOwn(name));
  return taken === undefined
    ? undefined
    : `Resource of type '${REPOSITORY}' with identifier '${taken}' already exists.`;
}

async function resourcesOf(
  StackName: string,
  { cloudformation }: Pick<AwsClients, 'cloudformation'>,
): Promise<StackResourceSummary[]> {
  const { Stacks = [] } = await cloudformation.describeStacks({});
  if (!Stacks.some(each => [each.StackName, each.StackId].includes(StackName))) return [];
  const all = await stackResources({ cloudformation }, StackName);
  return all.filter(({ ResourceType }) => ResourceType === REPOSITORY);
}

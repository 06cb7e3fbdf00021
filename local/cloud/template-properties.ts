import { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { AwsClients } from './aws-clients';
import { withoutInserted } from './cloudformation/inserted';
import { restoreTemplate, type Template } from './cloudformation/template';
import { stackResources } from './stack-resources';

export type Properties = Readonly<Record<string, unknown>>;

/** The properties of a resource in the template it was deployed with: some of them MiniStack forgets. */
export async function templateProperties(
  { cloudformation }: Pick<AwsClients, 'cloudformation'>,
  type: string,
  physicalId: string,
): Promise<Properties> {
  // MiniStack does not answer DescribeStackResources by physical id
  const { Stacks: stacks = [] } = await cloudformation.describeStacks({});
  for (const { StackName } of stacks) {
    const found = (await stackProperties({ cloudformation }, type, StackName!)).get(physicalId);
    if (found !== undefined) return found;
  }
  return {};
}

/** The same of all resources of a type in a stack, by physical id. */
export async function stackProperties(
  { cloudformation }: Pick<AwsClients, 'cloudformation'>,
  type: string,
  StackName: string,
): Promise<Map<string, Properties>> {
  const resources = await stackResources({ cloudformation }, StackName);
  const ofType = resources.filter(({ ResourceType }) => ResourceType === type);
  if (ofType.length === 0) return new Map();
  const template = await givenTemplate({ cloudformation }, StackName);
  const ids = physicalIds(resources);
  return new Map(
    ofType.map(({ PhysicalResourceId, LogicalResourceId }) => [
      PhysicalResourceId!,
      resolveReferences(template.Resources?.[LogicalResourceId!]?.Properties ?? {}, ids) as Properties,
    ]),
  );
}

/** The same of all resources of a type, also of one that MiniStack does not know. */
export async function typeProperties(
  aws: Pick<AwsClients, 'cloudformation'>,
  type: string,
): Promise<Properties[]> {
  const { Stacks: stacks = [] } = await aws.cloudformation.describeStacks({});
  const found: Properties[] = [];
  for (const { StackName } of stacks) {
    const { Resources = {} } = await givenTemplate(aws, StackName!);
    const ofType = Object.values(Resources).filter(({ Type }) => Type === type);
    if (ofType.length === 0) continue;
    const ids = physicalIds(await stackResources(aws, StackName!));
    found.push(...ofType.map(({ Properties = {} }) => resolveReferences(Properties, ids) as Properties));
  }
  return found;
}

/** The template of a stack, as it was given to the gateway. */
export async function givenTemplate(
  { cloudformation }: Pick<AwsClients, 'cloudformation'>,
  StackName: string,
): Promise<Template> {
  const { TemplateBody = '{}' } = await cloudformation.getTemplate({ StackName });
  const isJson = TemplateBody.startsWith('{'); // the toolkit's is YAML
  return isJson ? restoreTemplate(withoutInserted(JSON.parse(TemplateBody) as Template)) : {};
}

function physicalIds(resources: readonly StackResourceSummary[]): Map<string, string> {
  return new Map(resources.map(each => [each.LogicalResourceId!, each.PhysicalResourceId ?? '']));
}

function resolveReferences(value: unknown, ids: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map(each => resolveReferences(each, ids));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0] === 'Ref') return ids.get(String(entries[0][1])) ?? value;
  return Object.fromEntries(entries.map(([key, each]) => [key, resolveReferences(each, ids)]));
}

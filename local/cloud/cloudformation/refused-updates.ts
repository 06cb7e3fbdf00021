import type { Stack } from '@aws-sdk/client-cloudformation';
import { Kept, Refusals } from './refusing-template';
import type { Output, Template } from './template';
import type { Place } from '../accounts/places';
import { withPseudoParameters } from '../accounts/pseudo-parameters';
import type { AwsClients } from '../aws-clients';
import type { Say } from '../say';
import { allStacks, stackNamed, stackResources } from '../stack-resources';
import { givenTemplate } from '../template-properties';

type Cloudformation = Pick<AwsClients, 'cloudformation'>;

/** What CloudFormation says of a template before it changes anything; undefined if it takes it. */
export async function whyTemplateIsRefused(
  template: Template,
  stackName: string,
  aws: Cloudformation,
): Promise<string | undefined> {
  const own = await stackNamed(stackName, aws);
  const stacks = await allStacks(aws);
  return (
    (own && (await changedTypes(template, own, aws))) ??
    takenExport(template, own, stacks) ??
    missingExport(template, stacks)
  );
}

async function changedTypes(
  { Resources = {} }: Template,
  { StackName }: Stack,
  aws: Cloudformation,
): Promise<string | undefined> {
  const { Resources: before = {} } = await givenTemplate(aws, StackName!);
  const deployed = await stackResources(aws, StackName!);
  const changed = deployed
    .map(({ LogicalResourceId }) => LogicalResourceId!)
    .filter(id => id in before && id in Resources && before[id]!.Type !== Resources[id]!.Type);
  return changed.length === 0
    ? undefined
    : `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.join(', ')}]`;
}

function takenExport(
  template: Template,
  own: Stack | undefined,
  stacks: readonly Stack[],
): string | undefined {
  const names = exportsOf(template).map(([name]) => name);
  for (const { StackName, Outputs = [] } of stacks) {
    if (StackName === own?.StackName) continue;
    const taken = Outputs.find(({ ExportName }) => ExportName !== undefined && names.includes(ExportName));
    if (taken !== undefined) {
      return `Export with name ${taken.ExportName} is already exported by stack ${StackName}.`;
    }
  }
  return undefined;
}

/** MiniStack still finds an export that was removed. */
function missingExport(template: Template, stacks: readonly Stack[]): string | undefined {
  const there = new Set(stacks.flatMap(({ Outputs = [] }) => Outputs.map(({ ExportName }) => ExportName)));
  const missing = importsOf(template.Resources).find(name => !there.has(name));
  return missing === undefined ? undefined : `No export named ${missing} found`;
}

/** What CloudFormation refuses while it updates a stack. */
export async function refusalsOfUpdate(
  template: Template,
  stackName: string,
  place: Place,
  aws: Cloudformation,
  say: Say,
): Promise<Refusals> {
  const own = await stackNamed(stackName, aws);
  if (own === undefined) return { before: new Map(), atTheEnd: [] };
  const given = Object.fromEntries(exportsOf(template));
  const atTheEnd = (await exportsInUse(own, aws)).map(({ name, value, users }): Kept => {
    const isKept = name in given;
    const what = isKept ? 'Update canceled. Cannot update export' : 'Delete canceled. Cannot delete export';
    const why = `${what} ${name} as it is in use by ${users.join(', ')}.`;
    return { was: value, is: isKept ? given[name]!.Value : '', why };
  });
  return { before: await changedTokens(template, own, place, aws, say), atTheEnd };
}

/** Why a stack cannot be deleted: others import from it. */
export async function whyDeletionIsRefused(
  stackName: string,
  aws: Cloudformation,
): Promise<string | undefined> {
  const own = await stackNamed(stackName, aws);
  const [used] = own === undefined ? [] : await exportsInUse(own, aws);
  return (
    used && `Delete canceled. Cannot delete export ${used.name} as it is in use by ${used.users.join(', ')}.`
  );
}

interface ExportInUse {
  readonly name: string;
  readonly value: string;
  readonly users: readonly string[];
}

async function exportsInUse(
  { Outputs = [] }: Stack,
  { cloudformation }: Cloudformation,
): Promise<ExportInUse[]> {
  const found = Outputs.filter(({ ExportName }) => ExportName !== undefined).map(
    async ({ ExportName: name, OutputValue: value }) => {
      // of an export that nobody imports it is an error
      const answer = await cloudformation.listImports({ ExportName: name }).catch(() => undefined);
      return { name: name!, value: value!, users: answer?.Imports ?? [] };
    },
  );
  return (await Promise.all(found)).filter(({ users }) => users.length > 0);
}

/** A custom resource keeps whom it asks. */
async function changedTokens(
  { Resources = {} }: Template,
  { StackName }: Stack,
  place: Place,
  aws: Cloudformation,
  say: Say,
): Promise<Map<string, Kept>> {
  const { Resources: before = {} } = await givenTemplate(aws, StackName!);
  const deployed = new Map(
    (await stackResources(aws, StackName!)).map(each => [each.LogicalResourceId!, each.PhysicalResourceId!]),
  );
  const kept = new Map<string, Kept>();
  for (const [id, { Properties }] of Object.entries(Resources)) {
    const [is, former] = [Properties?.ServiceToken, before[id]?.Properties?.ServiceToken];
    if (is === undefined || former === undefined || !deployed.has(id)) continue;
    if (JSON.stringify(is) === JSON.stringify(former) && !isRenamed(is, before, Resources)) continue;
    const was = arnOf(former, deployed, place);
    if (was === undefined) say(`not emulated: ${id}: whether ${JSON.stringify(former)} was another token`);
    else kept.set(id, { was, is, why: 'Modifying service token is not allowed.' });
  }
  return kept;
}

/** Whether the function that a token names is replaced. */
function isRenamed(
  token: unknown,
  before: NonNullable<Template['Resources']>,
  after: NonNullable<Template['Resources']>,
): boolean {
  const [id] = (token as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? [];
  const name = (resources: typeof before) => JSON.stringify(resources[id!]?.Properties?.FunctionName);
  return id !== undefined && name(before) !== name(after);
}

function arnOf(token: unknown, deployed: ReadonlyMap<string, string>, place: Place): string | undefined {
  const value = withPseudoParameters(token, place);
  if (typeof value === 'string') return value;
  const [id, attribute] = (value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? [];
  const name = attribute === 'Arn' ? deployed.get(id!) : undefined;
  return name && `arn:aws:lambda:${place.region}:${place.account}:function:${name}`;
}

/** Names that are not literal are left out: CDK's are. */
function exportsOf({ Outputs = {} }: Template): [name: string, output: Output][] {
  return Object.values(Outputs).flatMap(output =>
    typeof output.Export?.Name === 'string' ? [[output.Export.Name, output] as [string, Output]] : [],
  );
}

function importsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const name = (value as { 'Fn::ImportValue'?: unknown })['Fn::ImportValue'];
  return typeof name === 'string' ? [name] : Object.values(value).flatMap(importsOf);
}

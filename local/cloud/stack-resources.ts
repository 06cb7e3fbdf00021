import type { Stack, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { AwsClients } from './aws-clients';

type Cloudformation = Pick<AwsClients, 'cloudformation'>;

/** All stacks that are not deleted. */
export async function allStacks({ cloudformation }: Cloudformation): Promise<Stack[]> {
  const all: Stack[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudformation.describeStacks({ NextToken });
    all.push(...(page.Stacks ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return all;
}

export async function stackNamed(nameOrId: string, aws: Cloudformation): Promise<Stack | undefined> {
  const all = await allStacks(aws);
  return all.find(({ StackName, StackId }) => [StackName, StackId].includes(nameOrId));
}

/** All resources of a stack: `DescribeStackResources` gives a hundred, and the quickstart has more. */
export async function stackResources(
  { cloudformation }: Cloudformation,
  StackName: string,
): Promise<StackResourceSummary[]> {
  const all: StackResourceSummary[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudformation.listStackResources({ StackName, NextToken });
    all.push(...(page.StackResourceSummaries ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return all;
}

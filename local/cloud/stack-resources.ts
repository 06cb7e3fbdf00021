import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { AwsClients } from './aws-clients';

/** All resources of a stack: `DescribeStackResources` gives a hundred, and the quickstart has more. */
export async function stackResources(
  { cloudformation }: Pick<AwsClients, 'cloudformation'>,
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

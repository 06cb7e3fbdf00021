import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Check } from './check';
import { secondNames } from './second-app/names';
import type { AwsClients } from '../local/cloud/aws-clients';
import { toolkitStack } from '../local/cloud/cdk';
import { MARK_TAG } from '../local/cloud/description';
import { patienceWith } from '../local/cloud/patience';
import { stackResources } from '../local/cloud/stack-resources';
import { STACK } from '../local/quickstart';

export interface StackOfCheck {
  readonly name: string;
  readonly status: string;
}

type Place = Pick<Check, 'aws' | 'cloud'>;

/** Stacks with the mark, those first that others do not need. */
export async function stacksOf({ aws, cloud }: Place): Promise<StackOfCheck[]> {
  const found: StackOfCheck[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.cloudformation.describeStacks({ NextToken });
    for (const { StackName, StackStatus, Tags = [] } of page.Stacks ?? []) {
      const isOurs = Tags.some(({ Key, Value }) => Key === MARK_TAG && Value === cloud.mark.id);
      if (isOurs) found.push({ name: StackName!, status: StackStatus! });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  const last = [secondNames(cloud.mark.id).platform, STACK, toolkitStack(cloud.mark)];
  return found.sort((a, b) => last.indexOf(a.name) - last.indexOf(b.name));
}

/** The stack of this name, whoever made it. */
export async function stackNamed(
  { cloudformation }: Pick<AwsClients, 'cloudformation'>,
  StackName: string,
): Promise<Stack | undefined> {
  try {
    return (await cloudformation.describeStacks({ StackName })).Stacks?.[0];
  } catch (error) {
    // CloudFormation has no error of its own for it
    const isMissing =
      error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist');
    if (isMissing) return undefined;
    throw error;
  }
}

/** An interrupted deployment goes on without whoever started it. */
export async function waitForRest(place: Place): Promise<StackOfCheck[]> {
  const { anything, lookEvery } = patienceWith(place.cloud);
  for (const end = Date.now() + anything; ; await sleep(Math.max(lookEvery, 200))) {
    const stacks = await stacksOf(place);
    const busy = stacks.filter(
      ({ status }) => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS',
    );
    if (busy.length === 0) return stacks;
    if (Date.now() > end) {
      throw new Error(
        `the stack ${busy[0]!.name} is ${busy[0]!.status} for ${anything / 60_000} minutes; see its events in the console, then give --resume or --clean`,
      );
    }
  }
}

/** The physical id of a resource of a stack, by its logical id without the CDK's hash. */
export async function resourceOf(
  { aws }: Place,
  type: string,
  logicalId: string,
  stack = STACK,
): Promise<string> {
  const found = (await stackResources(aws, stack)).find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === type && LogicalResourceId!.slice(0, -8) === logicalId,
  );
  if (found === undefined) throw new Error(`the stack ${stack} has no ${type} ${logicalId}`);
  return found.PhysicalResourceId!;
}

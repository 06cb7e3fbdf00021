import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import type { StackResource } from '../../src/core/gates/asking-resource';
import { Tries } from '../../src/core/times';

/** Hundreds of resources may ask at once, and CloudFormation answers few calls a second. */
const patient = () => new CloudFormationClient({ maxAttempts: Tries.stackResourceCall });

/** What CloudFormation says of a resource of a stack, or undefined if it knows none. */
export async function stackResource(
  StackName: string,
  LogicalResourceId: string,
  client = patient(),
): Promise<StackResource | undefined> {
  try {
    const { StackResourceDetail: found } = await client.send(
      new DescribeStackResourceCommand({ StackName, LogicalResourceId }),
    );
    if (found?.ResourceType === undefined || found.ResourceStatus === undefined) return undefined;
    const { ResourceType: type, ResourceStatus: status, PhysicalResourceId: physicalId } = found;
    return { type, status, ...(physicalId && { physicalId }) };
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError') return undefined;
    throw error;
  }
}

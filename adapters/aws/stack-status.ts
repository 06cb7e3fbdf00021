import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { logger } from './telemetry';

/**
 * What a stack is doing, or undefined if nobody says: a custom resource is not told whether its stack is on
 * the way back.
 */
export async function stackStatus(
  stackId: string,
  client = new CloudFormationClient({}),
): Promise<string | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
    return Stacks?.[0]?.StackStatus;
  } catch (error) {
    logger.error('the stack does not say what it is doing', { stackId, error: error as Error });
    return undefined;
  }
}

import type { Context } from 'aws-lambda';
import type { Place } from '../../src/core/image/image';

/** Where this function runs: the only account and region whose images are scanned and judged here. */
export function homeOf({ invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>): Place {
  const [, , service, region, account] = invokedFunctionArn.split(':');
  if (service !== 'lambda' || !region || !account) {
    throw new Error(
      `not the ARN of a function: ${JSON.stringify(invokedFunctionArn)}, expected: arn:<partition>:lambda:<region>:<account>:function:<name>`,
    );
  }
  return { account, region };
}

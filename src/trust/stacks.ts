import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * The top-level stack, which is deployed by itself, of a construct that may be in a nested stack.
 *
 * @internal
 */
export function topLevel(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent === undefined ? stack : topLevel(stack.nestedStackParent);
}

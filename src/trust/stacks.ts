import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * The stack that is deployed by itself: nested ones come and go with it.
 *
 * @internal
 */
export function topLevel(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent === undefined ? stack : topLevel(stack.nestedStackParent);
}

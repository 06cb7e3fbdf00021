import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Allows a principal to read what the command line finds a trust by: its stack, and no other. */
export function grantFindTrust(part: IConstruct, grantee: IGrantable): Grant {
  const stack = Stack.of(part);
  return Grant.addToPrincipal({
    grantee,
    actions: [
      'cloudformation:DescribeStacks',
      'cloudformation:GetTemplate',
      'cloudformation:ListStackResources',
    ],
    resourceArns: [
      stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stack.stackName}/*` }),
    ],
  });
}

import type { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/**
 * The values of `aws:PrincipalArn` that match these roles and no others. On AWS the value is the ARN of the
 * role, whatever the session. The ARN of the session is listed too, for services and emulators that compare
 * that. Without roles, the value matches nobody: no role can have a name with parentheses.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
 * @internal
 */
export function principalArns(stack: Stack, roles: readonly IRole[]): string[] {
  if (roles.length === 0) return [`arn:${stack.partition}:iam::${stack.account}:role/(nobody)`];
  return roles.flatMap(role => [
    role.roleArn,
    stack.formatArn({
      service: 'sts',
      region: '',
      account: role.env.account,
      resource: 'assumed-role',
      resourceName: `${role.roleName}/*`,
    }),
  ]);
}

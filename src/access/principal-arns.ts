import type { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/**
 * What `aws:PrincipalArn` is compared with so that these roles, and nobody else, are meant. On AWS it is the
 * role's ARN, whatever the session; the session's form is named too for services and emulators that compare
 * that. Nobody, where there is no role: no role can have a name with parentheses.
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

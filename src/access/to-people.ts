import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Roles of IAM Identity Center, which AWS lets nobody else change. */
const OF_IDENTITY_CENTER = /(?:^|\/)AWSReservedSSO_/;

/**
 * Gives a right to people, or throws if it would reach nobody: the CDK adds nothing to a principal of another
 * account, nor to one that has no policy, and says nothing.
 *
 * @param what the method that gives it, for the message
 * @internal
 */
export function grantToPeople(
  what: string,
  owner: IConstruct,
  grantee: IGrantable,
  give: () => Grant,
): Grant {
  const { principalAccount: account } = grantee.grantPrincipal;
  const { account: ours } = Stack.of(owner);
  const name = `${what} of ${owner.node.path}`;
  if (account !== undefined && !Token.isUnresolved(account) && Token.isUnresolved(ours)) {
    throw new Error(
      `${name} is for a principal of the account ${account}, and the account of the trust is not known when the app is synthesised, so the right may reach a role of the same name in another account; allowed: a principal of the account of the trust; set env of the stack ${Stack.of(owner).node.path} and of those with its gates, for example { account: ${JSON.stringify(account)}, region: process.env.CDK_DEFAULT_REGION }`,
    );
  }
  if (account !== undefined && Token.compareStrings(account, ours) === TokenComparison.DIFFERENT) {
    throw new Error(
      `${name} is for a principal of the account ${account}, allowed: one of the account ${ours}, where the trust is; make a role there that the others may assume: new Role(this, 'OnCall', { assumedBy: new AccountPrincipal(${JSON.stringify(account)}) })`,
    );
  }
  const { roleName } = grantee as { readonly roleName?: unknown };
  if (typeof roleName === 'string' && OF_IDENTITY_CENTER.test(roleName)) {
    throw new Error(
      `${name} is for the role ${roleName} of IAM Identity Center, which nobody else can change, allowed: a ManagedPolicy of a fixed name, which the permission set then names as a customer managed policy`,
    );
  }
  const grant = give();
  if (!grant.success) {
    throw new Error(
      `${name} is for a principal without a policy of its own, allowed: a role, a user, a group or a ManagedPolicy; make a role that this principal may assume: new Role(this, 'OnCall', { assumedBy: … })`,
    );
  }
  return grant;
}

import { Lazy } from 'aws-cdk-lib';
import {
  PolicyDocument,
  Role,
  type AddToPrincipalPolicyResult,
  type CfnRole,
  type IRole,
  type PolicyStatement,
  type RoleProps,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * All policies of a role have 10,240 characters together. Beside it, the CDK makes managed policies of the
 * rest.
 */
const MOST_STATEMENTS = 16;

/**
 * A role that carries its rights itself, which is a resource less than a policy beside it.
 *
 * A resource whose policy names the role waits for it. If the role has a right there too, each waits for the
 * other: `separateRights()` puts the rights into a policy beside the role then.
 *
 * @internal
 */
export class InlineRole extends Role {
  private readonly statements: PolicyStatement[] = [];
  private isSeparate = false;

  constructor(scope: Construct, id: string, props: RoleProps) {
    super(scope, id, props);
    (this.node.defaultChild as CfnRole).policies = Lazy.any({ produce: () => this.policies() }) as never;
  }

  public override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    if (this.isSeparate) return super.addToPrincipalPolicy(statement);
    this.statements.push(statement);
    // the rights of a role have room in it for as long as an update keeps them twice, here and beside
    if (this.statements.length > MOST_STATEMENTS) this.separateRights();
    return { statementAdded: true, policyDependable: this };
  }

  public separateRights(): void {
    if (this.isSeparate) return;
    this.isSeparate = true;
    for (const statement of this.statements.splice(0)) super.addToPrincipalPolicy(statement);
  }

  /**
   * Its name is not that of the policy beside a role: after an update CloudFormation deletes that one, by its
   * name.
   */
  private policies(): CfnRole.PolicyProperty[] | undefined {
    if (this.statements.length === 0) return undefined;
    return [{ policyName: 'Rights', policyDocument: new PolicyDocument({ statements: this.statements }) }];
  }
}

/** A policy of a resource names these roles. @internal */
export function namedInPolicy(role: IRole): void {
  if (role instanceof InlineRole) role.separateRights();
}

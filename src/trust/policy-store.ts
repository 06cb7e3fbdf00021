import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable, type IRole, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { onlyRows } from '../access/only-rows';
import { onlyWriters } from '../access/only-writers';
import { grantToPeople } from '../access/to-people';
import { PolicyRow } from '../core/policy/policy-table';
import { REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, type Properties } from '../properties/properties';
import { namedInPolicy } from '../queues/inline-role';

/**
 * Properties of a policy store.
 */
export interface PolicyStoreProps {
  /**
   * What happens to the table when it is removed from the stack. Revisions must never decrease, so the table
   * is retained by default.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const POLICY_STORE: Properties<PolicyStoreProps> = {
  removalPolicy: REMOVAL_POLICY,
};

/**
 * The table that names the active policy and its revision, which only increases. The documents are in the
 * evidence.
 *
 * It is a separate table, so that a publisher of policies cannot write the register. Its resource policy
 * allows writes only by publishers, to which `grantPublish` adds a role.
 */
export class PolicyStore extends Construct {
  /** The table. It has three rows: the active policy, the policy source, and the active waivers. */
  public readonly table: ITableV2;

  private readonly own: TableV2;
  private readonly publishers: IRole[] = [];

  constructor(scope: Construct, id: string, props: PolicyStoreProps = {}) {
    super(scope, id);
    checkProperties('PolicyStoreProps', props, POLICY_STORE);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    this.own = new TableV2(this, 'Resource', {
      partitionKey: { name: PolicyRow.partitionKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
      resourcePolicy: onlyWriters(this, this.publishers),
    });
    this.table = this.own;
  }

  /** Adds a statement to the policy of the table. @internal */
  public _allow(statement: PolicyStatement): void {
    this.own.addToResourcePolicy(statement);
  }

  /** Allows a gate to read which policy is active, and no other row. @internal */
  public _grantAsk(grantee: IGrantable, tableArn: string = this.table.tableArn): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem'],
      resourceArns: [tableArn],
      conditions: onlyRows([PolicyRow.current]),
    });
  }

  /** Allows a principal of this account to read which policy is active. Throws for one of another account. */
  public grantRead(grantee: IGrantable): Grant {
    return grantToPeople('grantRead', this, grantee, () =>
      Grant.addToPrincipal({
        grantee,
        actions: ['dynamodb:GetItem'],
        resourceArns: [this.table.tableArn],
      }),
    );
  }

  /** Allows a role to activate policies. Such a role decides what is trusted. */
  public grantPublish(role: IRole): Grant {
    return this.publish(role, PolicyRow.current, PolicyRow.source);
  }

  /** Allows a role to activate waivers, and no policy. @internal */
  public _grantPublishWaivers(role: IRole): Grant {
    return this.publish(role, PolicyRow.waivers);
  }

  private publish(role: IRole, ...rows: string[]): Grant {
    namedInPolicy(role);
    this.publishers.push(role);
    return Grant.addToPrincipal({
      grantee: role,
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resourceArns: [this.table.tableArn],
      conditions: onlyRows(rows),
    });
  }
}

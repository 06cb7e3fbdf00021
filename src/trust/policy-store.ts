import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { onlyWriters } from '../access/only-writers';
import { PolicyRow } from '../core/policy/policy-table';

/**
 * Properties of a policy store.
 */
export interface PolicyStoreProps {
  /**
   * What becomes of it when it is removed from the stack. Revisions must never go back, so it stays by
   * default.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Says which policy is active, and its revision, which only ever grows. The documents lie in the evidence.
 *
 * A table of its own and not a row of the register: who publishes policies cannot write what gates read. The
 * table's own policy denies every write but those of the roles that `grantPublish` was called for.
 */
export class PolicyStore extends Construct {
  /** The table. It has three rows: the active policy, its source, and the active waivers. */
  public readonly table: ITableV2;

  private readonly publishers: IRole[] = [];

  constructor(scope: Construct, id: string, props: PolicyStoreProps = {}) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.table = new TableV2(this, 'Resource', {
      partitionKey: { name: PolicyRow.partitionKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
      resourcePolicy: onlyWriters(this, this.publishers),
    });
  }

  /** Lets somebody ask which policy is active. */
  public grantRead(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem'],
      resourceArns: [this.table.tableArn],
    });
  }

  /** Lets a role put another active policy: whoever may do that decides what is trusted. */
  public grantPublish(role: IRole): Grant {
    return this.publish(role, PolicyRow.current, PolicyRow.source);
  }

  /** Lets a role put other active waivers, and no policy. @internal */
  public _grantPublishWaivers(role: IRole): Grant {
    return this.publish(role, PolicyRow.waivers);
  }

  private publish(role: IRole, ...rows: string[]): Grant {
    this.publishers.push(role);
    const conditions = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': rows } };
    return Grant.addToPrincipal({
      grantee: role,
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resourceArns: [this.table.tableArn],
      conditions,
    });
  }
}

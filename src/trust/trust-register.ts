import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, Billing, TableEncryptionV2, TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable, type IRole, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { grantReadRows, grantTableKey } from './table-key';
import { IMAGE_ROWS, onlyRows } from '../access/only-rows';
import { onlyWriters } from '../access/only-writers';
import { MetricName } from '../core/environment';
import { BRAKE_KEY, PASSED_KEY } from '../core/register/revocation-brake';
import { RegisterIndex } from '../core/register/row';
import { SLOTS_KEY } from '../core/register/scan-slots';
import { IMPORTERS_KEY } from '../core/sharing/importers';
import { A_KEY, KEY, REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, optional, type Properties } from '../properties/properties';
import type { Failures } from '../queues/failures';
import { namedInPolicy } from '../queues/inline-role';
import { RequestedMetrics } from '../queues/requested-metrics';

/**
 * Properties of a trust register.
 */
export interface TrustRegisterProps {
  /**
   * The key that encrypts the table. The stack needs an explicit region then, because CDK renders the key for
   * each replica.
   *
   * @default - a key that Amazon DynamoDB owns
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the table when it is removed from the stack.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const TRUST_REGISTER: Properties<TrustRegisterProps> = {
  encryptionKey: optional(KEY, A_KEY),
  removalPolicy: REMOVAL_POLICY,
};

/**
 * The register: the table of the current state of every image, which gates read.
 *
 * Its resource policy allows writes only by dispatcher, probe, evaluator and signer, and by roles that
 * `grantWrite` added.
 */
export class TrustRegister extends Construct {
  /** The table. Its partition key is the image. */
  public readonly table: ITableV2;

  private readonly own: TableV2;
  private readonly encryptionKey: IKey | undefined;
  /**
   * The metrics of all functions around this register. Their dimension differs from that of other registers,
   * so that two trusts in one account do not trigger each other's alarms. @internal
   */
  public readonly _metrics: RequestedMetrics;

  /** The tables of break-glass grants around this register: each adds its own. @internal */
  public readonly _grantsTables: ITableV2[] = [];

  /** What the parts around this register cannot handle, by their stack. @internal */
  public readonly _failures = new Map<Stack, Failures>();

  private readonly writers: IRole[] = [];

  constructor(scope: Construct, id: string, props: TrustRegisterProps = {}) {
    super(scope, id);
    checkProperties('TrustRegisterProps', props, TRUST_REGISTER);
    this._metrics = RequestedMetrics.around(this);
    this.encryptionKey = props.encryptionKey;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    this.own = new TableV2(this, 'Resource', {
      partitionKey: string('pk'),
      billing: Billing.onDemand(),
      encryption:
        props.encryptionKey === undefined
          ? TableEncryptionV2.dynamoOwnedKey()
          : TableEncryptionV2.customerManagedKey(props.encryptionKey),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
      globalSecondaryIndexes: Object.values(RegisterIndex).map(index => ({
        indexName: index.name,
        partitionKey: string(index.partitionKey),
        sortKey: string(index.sortKey),
      })),
      resourcePolicy: onlyWriters(this, this.writers),
    });
    this.table = this.own;
  }

  /**
   * A metric of the functions around this register, by its name: docs/operations.md lists them. The functions
   * publish it from now on, and CloudWatch bills each metric that is published. Sum over 5 minutes by
   * default. Throws for an unknown name.
   */
  public metric(metricName: string, options?: MetricOptions): Metric {
    const names: readonly string[] = Object.values(MetricName);
    if (!names.includes(metricName)) {
      throw new Error(
        `the metric of ${this.node.path} is ${JSON.stringify(metricName)}, allowed: ${[...names].sort().join(', ')}`,
      );
    }
    return this._metrics.metric(metricName, options);
  }

  /** Adds a statement to the policy of the table. @internal */
  public _allow(statement: PolicyStatement): void {
    this.own.addToResourcePolicy(statement);
  }

  /**
   * Allows a principal of this account to read rows of images, one by one or by index. Throws for one of
   * another account.
   */
  public grantRead(grantee: IGrantable): Grant {
    return grantReadRows(this, this.table, this.encryptionKey, grantee);
  }

  /** Allows a function to change rows that it knows by name. @internal */
  public _grantChange(role: IRole): Grant {
    return this.grantPut(role);
  }

  /** Allows a function to take slots for scans, and nothing about an image. @internal */
  public _grantSlots(role: IRole): Grant {
    return this.grantPut(role, onlyRows([SLOTS_KEY]));
  }

  /** Allows a function to release the brake, and nothing about an image. @internal */
  public _grantBrake(role: IRole): Grant {
    return this.grantPut(role, onlyRows([BRAKE_KEY]));
  }

  /** Allows reconcile to count the images that passed, and nothing about one of them. @internal */
  public _grantPassed(role: IRole): Grant {
    return this.grantPut(role, onlyRows([PASSED_KEY]));
  }

  /** Allows a function to read which stacks of other apps ask. @internal */
  public _grantImporters(grantee: IGrantable): Grant {
    grantTableKey(this.encryptionKey, grantee, 'read');
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem'],
      resourceArns: [this.table.tableArn],
      conditions: onlyRows([IMPORTERS_KEY]),
    });
  }

  /** Allows a gate to read single rows of images, and no other rows. @internal */
  public _grantAsk(grantee: IGrantable): Grant {
    grantTableKey(this.encryptionKey, grantee, 'read');
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem'],
      resourceArns: [this.table.tableArn],
      conditions: IMAGE_ROWS,
    });
  }

  /**
   * Allows a role to change rows. That alone makes no image trusted: gates require a statement by the signing
   * key for the verdict in the evidence. Such a role can restore a revoked image until its statement expires,
   * and it can cause every image to be refused.
   */
  public grantWrite(role: IRole): Grant {
    namedInPolicy(role);
    this.writers.push(role);
    grantTableKey(this.encryptionKey, role, 'write');
    return this.grantRead(role).combine(
      Grant.addToPrincipal({
        grantee: role,
        actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resourceArns: [this.table.tableArn],
      }),
    );
  }

  private grantPut(role: IRole, conditions?: Record<string, Record<string, unknown>>): Grant {
    namedInPolicy(role);
    this.writers.push(role);
    grantTableKey(this.encryptionKey, role, 'write');
    return Grant.addToPrincipal({
      grantee: role,
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resourceArns: [this.table.tableArn],
      conditions,
    });
  }
}

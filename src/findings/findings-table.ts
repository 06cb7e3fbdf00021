import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  Billing,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
  type ITableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { RecordFindingsFunction } from './record-findings-function';
import { EnvironmentName } from '../core/environment';
import { FindingsIndex, FindingsKey } from '../core/findings/keys';
import { Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { EvidenceBucket } from '../evidence/evidence-bucket';
import { A_KEY, KEY, REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, optional, required, type Properties } from '../properties/properties';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import { warnOfIdleAlarms } from '../queues/idle-alarms';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import { WorkQueue } from '../queues/work-queue';
import { grantReadRows, grantTableKey } from '../trust/table-key';
import { TrustRegister } from '../trust/trust-register';

/**
 * Whether findings can be queried.
 */
export enum FindingsStorage {
  /** In a table with a row for each image and finding, which can be queried by both. */
  TABLE = 'TABLE',
  /** Not at all: they are only in the evidence, in the report of each image. */
  NONE = 'NONE',
}

/**
 * Properties of a findings table.
 */
export interface FindingsTableProps {
  /** The event bus on which verdicts are published. */
  readonly events: TrustEvents;

  /** The register. An event that the register does not confirm is ignored. */
  readonly register: TrustRegister;

  /** The bucket of verdicts and reports. */
  readonly evidence: EvidenceBucket;

  /**
   * The key that encrypts the table. The stack needs an explicit region then, because CDK renders the key for
   * each replica.
   *
   * @default - a key that Amazon DynamoDB owns
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the table when it is removed from the stack. It can be rebuilt from the evidence.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/** @internal */
export const FINDINGS_TABLE: Properties<FindingsTableProps> = {
  events: required(TrustEvents, 'a TrustEvents'),
  register: required(TrustRegister, 'a TrustRegister'),
  evidence: required(EvidenceBucket, 'an EvidenceBucket'),
  encryptionKey: optional(KEY, A_KEY),
  removalPolicy: REMOVAL_POLICY,
  network: IN_NETWORK,
};

/**
 * The table of every finding of every image, for queries by image and by vulnerability. It has one row for
 * each image and finding.
 *
 * The table is a projection of the evidence. Gates never read it. A row has at most 1 KB; long texts are only
 * in the evidence.
 */
export class FindingsTable extends Construct {
  /** The table. */
  public readonly table: ITableV2;

  /** Its alarms: pass each to `ImageAlerts.addAlarm()`, or add an action of your own. */
  public readonly alarms: Alarm[];

  private readonly encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: FindingsTableProps) {
    super(scope, id);
    checkProperties('FindingsTableProps', props, FINDINGS_TABLE);
    this.encryptionKey = props.encryptionKey;
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    this.table = new TableV2(this, 'Resource', {
      partitionKey: string(FindingsKey.partitionKey),
      sortKey: string(FindingsKey.sortKey),
      billing: Billing.onDemand(),
      encryption:
        props.encryptionKey === undefined
          ? TableEncryptionV2.dynamoOwnedKey()
          : TableEncryptionV2.customerManagedKey(props.encryptionKey),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
      globalSecondaryIndexes: Object.values(FindingsIndex).map(index => ({
        indexName: index.name,
        partitionKey: string(index.partitionKey),
        sortKey: string(index.sortKey),
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: ['status', 'severity', 'fixedVersion'],
      })),
    });

    const failures = Failures.of(props.register, this);
    const work = new WorkQueue(this, 'Verdicts', {
      deadLetters: failures.deadLetters,
      handledIn: Seconds.recordFindings,
      maxConcurrency: 2,
      batchSize: 1,
    });
    props.events.onImageVerdict('RecordFindings', {
      target: work.asTarget(),
    });
    const recorder = new Construct(this, 'Recorder');
    const handler = new RecordFindingsFunction(recorder, 'Resource', {
      ...handlerOptions(recorder, props.network),
      description: 'Projects verdicts into the findings table',
      memorySize: 3008,
      timeout: Duration.seconds(Seconds.recordFindings),
      environment: {
        ...props.register._metrics.environment(),
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.findings]: this.table.tableName,
        ...work.environment(),
      },
    });
    work.consumedBy(handler);
    props.register.grantRead(handler);
    props.evidence.grantRead(handler);
    grantTableKey(props.encryptionKey, handler, 'write');
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['dynamodb:BatchWriteItem', 'dynamodb:Query'],
      resourceArns: [this.table.tableArn],
    });
    this.alarms = [work.deadLetters.alarm, failures.errorAlarm(handler)];
    warnOfIdleAlarms(this, () => this.alarms);
  }

  /** Allows a principal of this account to query findings. Throws for one of another account. */
  public grantRead(grantee: IGrantable): Grant {
    return grantReadRows(this, this.table, this.encryptionKey, grantee);
  }
}

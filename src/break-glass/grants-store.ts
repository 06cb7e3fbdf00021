import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { onlyWriters } from '../access/only-writers';
import { Seconds } from '../core/times';
import { GrantsKey } from '../core/trust/grant';
import { Failures } from '../queues/failures';
import { WorkQueue } from '../queues/work-queue';
import type { TrustRegister } from '../trust/trust-register';

/** What gates name of break-glass. @internal */
export interface GrantsStore extends IConstruct {
  /** The table of grants. */
  readonly table: ITableV2;
  /** The queue that takes uses. */
  readonly _messages: IQueue;
}

/** The table of grants, which only these roles may write. @internal */
export function grantsTable(
  scope: Construct,
  writers: readonly IRole[],
  removalPolicy: RemovalPolicy,
): TableV2 {
  return new TableV2(scope, 'Resource', {
    partitionKey: { name: GrantsKey.partitionKey, type: AttributeType.STRING },
    sortKey: { name: GrantsKey.sortKey, type: AttributeType.STRING },
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
    removalPolicy,
    resourcePolicy: onlyWriters(scope, writers),
  });
}

/** The queue of grants and uses that are to be published. @internal */
export function grantMessages(scope: Construct, register: TrustRegister): WorkQueue {
  return new WorkQueue(scope, 'Messages', {
    deadLetters: Failures.of(register, scope).deadLetters,
    handledIn: Seconds.watchGrants,
    maxConcurrency: 2,
  });
}

import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Seconds } from '../core/times';
import { risingAlarm } from '../queues/rising-alarm';
import { Runbook } from '../queues/runbook';

/** Calls that change who may sign, that stop the key, or that move its alias. */
const CHANGES = [
  'CreateGrant',
  'DeleteAlias',
  'DisableKey',
  'PutKeyPolicy',
  'ScheduleKeyDeletion',
  'UpdateAlias',
];

/**
 * Keeps CloudTrail's record of every call that changes who may sign with the current key, or with an earlier
 * key that gates accept, and raises an alarm. CloudTrail sends these records to EventBridge only if a trail
 * records management events.
 *
 * The records go to a queue and not to the topic of the alerts, because only the policy of a queue can limit
 * EventBridge to this rule (0018).
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
 * @internal
 */
export class KeyWatch extends Construct {
  public readonly alarm: Alarm;

  /**
   * @param arns of the keys and of their aliases, because a call that moves an alias away names the alias and
   * the other key
   */
  constructor(scope: Construct, id: string, arns: string[]) {
    super(scope, id);
    const records = new Queue(this, 'Resource', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.seconds(Seconds.messageRetention),
    });
    const { account, region } = Stack.of(this);
    new Rule(this, 'Rule', {
      description: 'Somebody changed who may sign for container images',
      eventPattern: {
        source: ['aws.kms'],
        detailType: ['AWS API Call via CloudTrail'],
        account: [account],
        region: [region],
        detail: { eventName: CHANGES, resources: { ARN: arns } },
      },
      targets: [new SqsQueue(records)],
    });
    const period = Duration.minutes(5);
    const metric = records.metricApproximateNumberOfMessagesVisible({ period });
    const text = `Somebody changed who may sign for container images. CloudTrail's record of it is in the queue of ${this.node.path}: who, when, what. Until it is read and deleted, the alarm stays on, and goes off again for each further change.`;
    this.alarm = risingAlarm(this, 'Alarm', period, () => [{ metric }], { text, section: Runbook.signers });
  }
}

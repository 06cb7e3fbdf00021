import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { risingAlarm, type Watched } from './rising-alarm';
import { Runbook } from './runbook';
import { SendingRules } from './sending-rules';
import { Seconds } from '../core/times';

export interface DeadLettersProps {
  readonly alarmId: string;
  readonly alarmText: string;
  /** How long a message is kept, 14 days by default. */
  readonly retentionPeriod?: Duration;
}

/**
 * A dead-letter queue, of one or several queues, and its alarm. Each message says which queue it is of.
 *
 * @internal
 */
export class DeadLetters {
  public readonly queue: Queue;
  public readonly alarm: Alarm;
  /** Those that leave here what they could not deliver. */
  public readonly rules: SendingRules;

  constructor(scope: Construct, { alarmId, alarmText, retentionPeriod }: DeadLettersProps) {
    this.queue = new Queue(scope, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: retentionPeriod ?? Duration.seconds(Seconds.messageRetention),
    });
    this.rules = new SendingRules(this.queue);
    this.alarm = deadLettersAlarm(scope, alarmId, this.queue, alarmText);
  }
}

/**
 * Rings for the first dead letter, and again when there are more.
 *
 * @param also what the same alarm watches besides
 * @internal
 */
export function deadLettersAlarm(
  scope: Construct,
  id: string,
  queue: Queue,
  text: string,
  also: readonly Watched[] = [],
): Alarm {
  const period = Duration.minutes(5);
  const metric = queue.metricApproximateNumberOfMessagesVisible({ period });
  return risingAlarm(scope, id, period, () => [{ metric }, ...also], { text, section: Runbook.deadLetters });
}

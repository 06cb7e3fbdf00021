import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRuleTarget, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue as SqsTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { anyAlarm } from './any-alarm';
import { Runbook } from './runbook';
import { EnvironmentName } from '../core/environment';
import { Seconds, Tries } from '../core/times';

export interface WorkQueueProps {
  /** The time limit of its function, in seconds. */
  readonly handledIn: number;
  /** The number of copies of the function that run at once. */
  readonly maxConcurrency?: number;
  /**
   * The number of messages that a copy handles at once, 5 by default. If one of them exhausts the memory, the
   * others fail with it.
   */
  readonly batchSize?: number;
  /** How long a message is kept, 14 days by default. */
  readonly retentionPeriod?: Duration;
  /** What the alarm says, where messages cannot be redriven. */
  readonly alarmText?: string;
  /** The queue whose dead-letter queue, with its alarm, this one uses too. */
  readonly sharesDeadLettersOf?: WorkQueue;
}

/**
 * A queue, its dead-letter queue, and the alarm on messages in the dead-letter queue.
 *
 * @internal
 */
export class WorkQueue extends Construct {
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;
  public readonly alarm: Alarm;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkQueueProps,
  ) {
    super(scope, id);
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: props.retentionPeriod ?? Duration.seconds(Seconds.messageRetention),
    };
    const { sharesDeadLettersOf: other } = props;
    this.deadLetterQueue = other?.deadLetterQueue ?? new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Resource', {
      ...common,
      visibilityTimeout: Duration.seconds(props.handledIn + Seconds.queueMargin),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: Tries.receipts },
    });
    this.alarm = other?.alarm ?? this.alarmOnDeadLetters();
  }

  /**
   * The queue as the target of a rule. An event that cannot be delivered goes to the dead-letter queue.
   *
   * @param message what is sent in place of the event
   */
  public asTarget(message?: RuleTargetInput): IRuleTarget {
    return new SqsTarget(this.queue, {
      deadLetterQueue: this.deadLetterQueue,
      ...(message !== undefined && { message }),
    });
  }

  /** The environment variables of its function, if that consumes no other queue. */
  public environment(): Record<string, string> {
    return {
      [EnvironmentName.queue]: this.queue.queueUrl,
      [EnvironmentName.deadLetterQueue]: this.deadLetterQueue.queueUrl,
    };
  }

  /** The function may also send: a waiting message is sent again as a new one. */
  public consumedBy(consumer: IFunction): void {
    const { maxConcurrency, batchSize = 5 } = this.props;
    consumer.addEventSource(
      new SqsEventSource(this.queue, { batchSize, reportBatchItemFailures: true, maxConcurrency }),
    );
    this.deadLetterQueue.grantSendMessages(consumer);
    this.queue.grantSendMessages(consumer);
  }

  private alarmOnDeadLetters(): Alarm {
    const metric = this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
    });
    const text =
      this.props.alarmText ??
      `Messages that could not be handled are in the dead-letter queue of ${this.node.path}. Their attribute "Why" says why; redrive them when that is fixed.`;
    return anyAlarm(this, 'Alarm', metric, { text, section: Runbook.deadLetters });
  }
}

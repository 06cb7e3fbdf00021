import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { anyAlarm } from './any-alarm';
import { Seconds } from '../core/times';

export interface WorkQueueProps {
  /** Longer than its function runs. */
  readonly visibilityTimeout: Duration;
  /**
   * How often a message may come back before SQS buries it. Handlers bury poison themselves, so this only
   * ends crash loops.
   */
  readonly maxReceiveCount: number;
  /** How many copies of the function work at once. */
  readonly maxConcurrency?: number;
  /**
   * How many messages a copy handles side by side, 5 unless told otherwise. One that dies for want of memory
   * takes the others with it.
   */
  readonly batchSize?: number;
  /** How long a message is kept, 14 days unless told otherwise. */
  readonly retentionPeriod?: Duration;
  /** What people read when the alarm goes off, where messages cannot be redriven. */
  readonly alarmDescription?: string;
}

/**
 * A queue, its dead-letter queue, and the alarm that says something lies in it.
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
    this.deadLetterQueue = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Resource', {
      ...common,
      visibilityTimeout: props.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: props.maxReceiveCount },
    });
    const metric = this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
    });
    this.alarm = anyAlarm(
      this,
      'Alarm',
      metric,
      props.alarmDescription ??
        `Messages that nobody could handle lie in the dead-letter queue of ${this.node.path}. Their attribute "Why" says why; redrive them when that is fixed.`,
    );
  }

  public consumedBy(consumer: IFunction): void {
    const { maxConcurrency, batchSize = 5 } = this.props;
    consumer.addEventSource(
      new SqsEventSource(this.queue, { batchSize, reportBatchItemFailures: true, maxConcurrency }),
    );
    this.deadLetterQueue.grantSendMessages(consumer);
  }
}

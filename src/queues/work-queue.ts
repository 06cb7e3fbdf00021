import { Duration } from 'aws-cdk-lib';
import type { IRuleTarget, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetters } from './dead-letters';
import { SendingRules } from './sending-rules';
import { EnvironmentName } from '../core/environment';
import { Seconds, Tries } from '../core/times';

export interface WorkQueueProps {
  /** The time limit of its function, in seconds. */
  readonly handledIn: number;
  /**
   * The number of copies of the function that run at once. Without it Lambda asks an idle queue less often:
   * for what comes no faster than other functions send it.
   */
  readonly maxConcurrency?: number;
  /**
   * The number of messages that a copy handles at once, 5 by default. If one of them exhausts the memory, the
   * others fail with it.
   */
  readonly batchSize?: number;
  /** How long a message is kept, 14 days by default. */
  readonly retentionPeriod?: Duration;
  /** What the alarm on its own dead letters says, where messages cannot be redriven. */
  readonly alarmText?: string;
  /** Where its dead letters go. Without it, to a queue of their own. */
  readonly deadLetters?: DeadLetters;
}

/**
 * A queue, and where its messages go that cannot be handled.
 *
 * @internal
 */
export class WorkQueue extends Construct {
  public readonly queue: Queue;
  public readonly deadLetters: DeadLetters;
  private readonly rules: SendingRules;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkQueueProps,
  ) {
    super(scope, id);
    const { alarmText, handledIn, retentionPeriod } = props;
    this.deadLetters =
      props.deadLetters ??
      new DeadLetters(this, {
        alarmId: 'Alarm',
        alarmText:
          alarmText ??
          `Messages that could not be handled are in the dead-letter queue of ${this.node.path}. "cdk-trusted-images redrive" says why; when that is fixed, it brings them back.`,
        retentionPeriod,
      });
    this.queue = new Queue(this, 'Resource', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: retentionPeriod ?? Duration.seconds(Seconds.messageRetention),
      visibilityTimeout: Duration.seconds(handledIn + Seconds.queueMargin),
      deadLetterQueue: { queue: this.deadLetters.queue, maxReceiveCount: Tries.receipts },
    });
    this.rules = new SendingRules(this.queue);
  }

  /**
   * The queue as the target of a rule. An event that cannot be delivered goes to the dead letters.
   *
   * @param message what is sent in place of the event
   */
  public asTarget(message?: RuleTargetInput): IRuleTarget {
    return {
      bind: rule => {
        this.rules.add(rule);
        this.deadLetters.rules.add(rule);
        return {
          arn: this.queue.queueArn,
          input: message,
          deadLetterConfig: { arn: this.deadLetters.queue.queueArn },
          targetResource: this.queue,
        };
      },
    };
  }

  /** The environment variables of its function, if that consumes no other queue. */
  public environment(): Record<string, string> {
    return {
      [EnvironmentName.queue]: this.queue.queueUrl,
      [EnvironmentName.deadLetterQueue]: this.deadLetters.queue.queueUrl,
    };
  }

  /** The function may also send: a waiting message is sent again as a new one. */
  public consumedBy(consumer: IFunction): void {
    const { maxConcurrency, batchSize = 5 } = this.props;
    consumer.addEventSource(
      new SqsEventSource(this.queue, { batchSize, reportBatchItemFailures: true, maxConcurrency }),
    );
    this.deadLetters.queue.grantSendMessages(consumer);
    this.queue.grantSendMessages(consumer);
  }
}

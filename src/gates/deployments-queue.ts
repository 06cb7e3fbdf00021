import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { AnyPrincipal, Effect, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption, QueuePolicy } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { principalArns } from '../access/principal-arns';
import { refusalsIgnored, REFUSALS_IGNORED } from '../alerts/refusals-ignored';
import { EnvironmentName } from '../core/environment';
import { AtOnce, Seconds, Tries } from '../core/times';
import { deadLettersAlarm } from '../queues/dead-letters';
import type { RequestedMetrics } from '../queues/requested-metrics';

export interface DeploymentsQueueProps {
  /** The role of `request-trust`. It may send, and AWS Lambda sends in its name what it could not handle. */
  readonly asks: IRole;
  /** The role of `await-trust`. It may send a waiting message again, and only it may read. */
  readonly looks: IRole;
  /**
   * The metrics of the gates, if no alarm of a trust in this app watches which refusals they ignore: the
   * alarm of the queue does then.
   */
  readonly refusalsOf: RequestedMetrics | undefined;
}

/**
 * The actions that read or delete messages. Moving dead letters needs the right to receive them. A statement
 * may have seven actions.
 */
const TAKE = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:PurgeQueue', 'sqs:ReceiveMessage'];

/**
 * The queue of waiting deployments. Each message contains the URL at which CloudFormation accepts the answer,
 * from any sender. So the policy of both queues lets only `await-trust` read, and only the two functions of
 * the gate send, whatever other policies allow (rule 5.10, no secrets of gates).
 *
 * @internal
 */
export class DeploymentsQueue extends Construct {
  public readonly queue: Queue;
  public readonly deadLetterQueue: Queue;
  public readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { asks, looks, refusalsOf }: DeploymentsQueueProps) {
    super(scope, id);
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.seconds(Seconds.deploymentRetention),
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Resource', {
      ...common,
      visibilityTimeout: Duration.seconds(Seconds.awaitTrust + Seconds.queueMargin),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: Tries.receipts },
    });
    this.restrict([asks, looks], looks);
    const unanswered = `A deployment was not answered: its stack fails after one hour. The log of ${scope.node.path}/Await or ${scope.node.path}/Request says why. Nobody can read the message, and it is deleted after two hours.`;
    const [text, also] =
      refusalsOf === undefined
        ? [unanswered, []]
        : [
            `${unanswered} Or: ${REFUSALS_IGNORED}`,
            [{ metric: refusalsIgnored(refusalsOf, Duration.minutes(5)), isSparse: true }],
          ];
    this.alarm = deadLettersAlarm(this, 'Alarm', this.deadLetterQueue, text, also);
  }

  /** The environment variables of its function. */
  public environment(): Record<string, string> {
    return {
      [EnvironmentName.queue]: this.queue.queueUrl,
      [EnvironmentName.deadLetterQueue]: this.deadLetterQueue.queueUrl,
    };
  }

  /**
   * The function may also send: a waiting message is sent again as a new one. A look takes some hundred
   * milliseconds, so a hundred of them at once are enough for 600 images that wait.
   */
  public consumedBy(consumer: IFunction): void {
    consumer.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: AtOnce.deployments,
        reportBatchItemFailures: true,
        maxConcurrency: AtOnce.awaitTrust,
      }),
    );
    this.deadLetterQueue.grantSendMessages(consumer);
    this.queue.grantSendMessages(consumer);
  }

  /** One policy for both, which are one resource less. */
  private restrict(senders: readonly IRole[], reader: IRole): void {
    const { document } = new QueuePolicy(this, 'Policy', { queues: [this.queue, this.deadLetterQueue] });
    const resources = [this.queue.queueArn, this.deadLetterQueue.queueArn];
    const deny = (sid: string, actions: string[], conditions: Record<string, Record<string, unknown>>) =>
      document.addStatements(
        new PolicyStatement({
          sid,
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions,
          resources,
          conditions,
        }),
      );
    const but = (roles: readonly IRole[]) => ({
      ArnNotLike: { 'aws:PrincipalArn': principalArns(Stack.of(this), roles) },
    });
    deny('OnlyByTls', ['sqs:*'], { Bool: { 'aws:SecureTransport': 'false' } });
    deny('OnlyWhoAnswersReads', TAKE, but([reader]));
    deny('OnlyWhoAsksSends', ['sqs:SendMessage'], but(senders));
  }
}

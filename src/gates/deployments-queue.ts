import { Duration, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { principalArns } from '../access/principal-arns';
import { Seconds } from '../core/times';
import { WorkQueue } from '../queues/work-queue';

export interface DeploymentsQueueProps {
  /** How long a look takes at most. */
  readonly lookTimeout: Duration;
  /** Who asks: it may send. */
  readonly asks: IRole;
  /** Who looks and answers: it may send what waits on, and nobody else may read. */
  readonly looks: IRole;
}

/**
 * What shows messages or makes an end of them; to move dead letters takes the right to receive them. One
 * statement may have seven.
 */
const TAKE = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:PurgeQueue', 'sqs:ReceiveMessage'];

/**
 * Deployments that wait. Each message has the URL that CloudFormation takes the answer at, from anybody:
 * whatever their own policies allow them, nobody reads it but who answers, and nobody sends but who asks
 * (rule 5.10, no secrets of gates).
 *
 * @internal
 */
export class DeploymentsQueue extends WorkQueue {
  constructor(scope: Construct, id: string, { lookTimeout, asks, looks }: DeploymentsQueueProps) {
    super(scope, id, {
      visibilityTimeout: lookTimeout.plus(Duration.seconds(30)),
      maxReceiveCount: 100, // those that wait go back as new ones after 50
      maxConcurrency: 2,
      retentionPeriod: Duration.seconds(Seconds.deploymentRetention),
      alarmDescription: `A deployment could not be answered: its stack fails when its hour is over. The log of ${scope.node.path}/Await says why. Nobody can read the message, and it is gone after two hours.`,
    });
    restrict(this.queue, [asks, looks], looks);
    restrict(this.deadLetterQueue, [looks], looks);
  }
}

function restrict(queue: Queue, senders: readonly IRole[], reader: IRole): void {
  const deny = (sid: string, actions: string[], but: readonly IRole[]) =>
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions,
        resources: [queue.queueArn],
        conditions: { ArnNotLike: { 'aws:PrincipalArn': principalArns(Stack.of(queue), but) } },
      }),
    );
  deny('OnlyWhoAnswersReads', TAKE, [reader]);
  deny('OnlyWhoAsksSends', ['sqs:SendMessage'], senders);
}

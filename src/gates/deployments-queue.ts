import { Duration, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { principalArns } from '../access/principal-arns';
import { Seconds } from '../core/times';
import { WorkQueue } from '../queues/work-queue';

export interface DeploymentsQueueProps {
  /** The role of `request-trust`. It may send. */
  readonly asks: IRole;
  /** The role of `await-trust`. It may send a waiting message again, and only it may read. */
  readonly looks: IRole;
}

/**
 * The actions that read or delete messages. Moving dead letters needs the right to receive them. A statement
 * may have seven actions.
 */
const TAKE = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:PurgeQueue', 'sqs:ReceiveMessage'];

/**
 * The queue of waiting deployments. Each message contains the URL at which CloudFormation accepts the answer,
 * from any sender. So the queue policy lets only `await-trust` read, and only the two functions of the gate
 * send, whatever other policies allow (rule 5.10, no secrets of gates).
 *
 * @internal
 */
export class DeploymentsQueue extends WorkQueue {
  constructor(scope: Construct, id: string, { asks, looks }: DeploymentsQueueProps) {
    super(scope, id, {
      handledIn: Seconds.awaitTrust,
      maxConcurrency: 2,
      retentionPeriod: Duration.seconds(Seconds.deploymentRetention),
      alarmText: `A deployment was not answered: its stack fails after one hour. The log of ${scope.node.path}/Await says why. Nobody can read the message, and it is deleted after two hours.`,
    });
    restrict(this.queue, [asks, looks], looks);
    restrict(this.deadLetters.queue, [looks], looks);
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

import { Stack } from 'aws-cdk-lib';
import { CfnEventBusPolicy, EventBus, Rule, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { newImagePattern } from './new-image-pattern';
import type { WorkQueue } from '../queues/work-queue';
import type { RepositorySelector } from '../repository/repository-selector';

export interface ForwardedPushesProps {
  /** The enrolled repositories by account; undefined is the account of the trust. */
  readonly groups: ReadonlyMap<string | undefined, readonly RepositorySelector[]>;
  /** Where their pushes go. */
  readonly target: WorkQueue;
}

/**
 * The event bus to which rules of other accounts forward pushes. EventBridge itself writes the account, the
 * region and the source of an event: nobody can send an event of ECR, or one of another account. So each
 * account has a rule of its own, which takes events of that account about its enrolled repositories, and
 * nothing else.
 *
 * @internal
 */
export class ForwardedPushes extends Construct {
  public readonly eventBus: IEventBus;

  constructor(scope: Construct, id: string, { groups, target }: ForwardedPushesProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const accounts = [...groups.keys()].filter(account => account !== undefined);
    this.eventBus = new EventBus(this, 'Resource', {
      description: 'Pushes to repositories of other accounts',
    });
    new CfnEventBusPolicy(this, 'Forwarders', {
      eventBusName: this.eventBus.eventBusName,
      statementId: 'Forwarders',
      statement: {
        Sid: 'Forwarders',
        Effect: 'Allow',
        Principal: {
          AWS: accounts.map(account =>
            Stack.of(this).formatArn({ service: 'iam', region: '', account, resource: 'root' }),
          ),
        },
        Action: 'events:PutEvents',
        Resource: this.eventBus.eventBusArn,
        // by a rule, and not by a call
        Condition: { Bool: { 'events:eventBusInvocation': 'true' } },
      },
    });
    for (const account of accounts) {
      new Rule(this, `OnPushIn${account}`, {
        description: `An enrolled repository of the account ${account} has a new image`,
        eventBus: this.eventBus,
        eventPattern: newImagePattern({ account, region }, groups.get(account)!),
        targets: [target.asTarget()],
      });
    }
  }
}

import { Lazy } from 'aws-cdk-lib';
import type { IRuleRef } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/**
 * The rules of EventBridge that may send to a queue. They share one statement, because the policy of a queue
 * has room for 20.
 *
 * @internal
 */
export class SendingRules {
  private readonly rules: IRuleRef[] = [];

  constructor(private readonly queue: Queue) {}

  public add(rule: IRuleRef): void {
    if (this.rules.includes(rule)) return;
    if (this.rules.push(rule) > 1) return;
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'RulesSend',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: {
          ArnEquals: {
            'aws:SourceArn': Lazy.any({ produce: () => this.rules.map(each => each.ruleRef.ruleArn) }),
          },
        },
      }),
    );
  }
}

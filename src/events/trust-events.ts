import { Lazy, Stack } from 'aws-cdk-lib';
import {
  CfnEventBusPolicy,
  EventBus,
  Rule,
  type EventPattern,
  type IEventBus,
  type IRuleTarget,
} from 'aws-cdk-lib/aws-events';
import { Grant, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { principalArns } from '../access/principal-arns';
import { DetailType, EVENT_SOURCE } from '../core/events/image-events';
import { WaiverDetailType } from '../core/events/waiver-events';

/**
 * Options of a subscription to the library's events.
 */
export interface OnImageEventOptions {
  /**
   * Who gets the event.
   *
   * @default - nobody yet; add targets to the rule that is returned
   */
  readonly target?: IRuleTarget;

  /**
   * What the event's `detail` must match beside.
   *
   * @default - every event of the type
   */
  readonly detail?: { [field: string]: any };
}

/**
 * The event bus on which verdicts are published: the public contract. Anyone may subscribe; only evaluator,
 * signer and the publisher of waivers may publish.
 *
 * An event is a hint that something changed. Who acts on it reads the register first.
 *
 * @see https://github.com/example/cdk-trusted-images/tree/main/docs/events
 */
export class TrustEvents extends Construct {
  /** The bus. */
  public readonly eventBus: IEventBus;

  private readonly producers: IRole[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    this.eventBus = new EventBus(this, 'Resource', { description: 'Verdicts about container images' });
    new CfnEventBusPolicy(this, 'OnlyProducers', {
      eventBusName: this.eventBus.eventBusName,
      statementId: 'OnlyProducers',
      statement: {
        Sid: 'OnlyProducers',
        Effect: 'Deny',
        Principal: '*',
        Action: 'events:PutEvents',
        Resource: this.eventBus.eventBusArn,
        Condition: {
          ArnNotLike: {
            'aws:PrincipalArn': Lazy.list({ produce: () => principalArns(stack, this.producers) }),
          },
        },
      },
    });
  }

  /** An image has a verdict. */
  public onImageVerdict(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, DetailType.verdict, options);
  }

  /** A scan was indeterminate. */
  public onImageScanFailed(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, DetailType.scanFailed, options);
  }

  /** An image is trusted, or its trust was renewed. */
  public onImageTrusted(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, DetailType.trusted, options);
  }

  /** What was trusted is refused. */
  public onImageRevoked(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, DetailType.revoked, options);
  }

  /** A waiver ends in 14, 7 or 1 days. */
  public onWaiverExpiring(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, WaiverDetailType.expiring, options);
  }

  /** The waiver list was changed, and cannot be read. */
  public onWaiversRejected(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, WaiverDetailType.rejected, options);
  }

  /** Waivers that cover nothing in any image, once a day. */
  public onWaiversUnused(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, WaiverDetailType.unused, options);
  }

  /** Lets a role publish verdicts, and events of no other source or type. */
  public grantPublish(role: IRole): Grant {
    return this.publish(role, [DetailType.verdict, DetailType.scanFailed]);
  }

  /** Lets the signer publish trust. @internal */
  public _grantPublishTrust(role: IRole): Grant {
    return this.publish(role, [DetailType.trusted, DetailType.revoked]);
  }

  /** Lets who puts active waivers say which of them end. @internal */
  public _grantPublishWaivers(role: IRole): Grant {
    return this.publish(role, Object.values(WaiverDetailType));
  }

  private publish(role: IRole, detailTypes: string[]): Grant {
    this.producers.push(role);
    return Grant.addToPrincipal({
      grantee: role,
      actions: ['events:PutEvents'],
      resourceArns: [this.eventBus.eventBusArn],
      conditions: { StringEquals: { 'events:source': EVENT_SOURCE, 'events:detail-type': detailTypes } },
    });
  }

  private on(id: string, detailType: string, { target, detail }: OnImageEventOptions): Rule {
    const { account, region } = Stack.of(this);
    const ours: EventPattern = {
      source: [EVENT_SOURCE],
      detailType: [detailType],
      account: [account],
      region: [region],
    };
    const eventPattern = { ...ours, ...(detail !== undefined && { detail }) };
    return new Rule(this, id, {
      eventBus: this.eventBus,
      eventPattern,
      ...(target !== undefined && { targets: [target] }),
    });
  }
}

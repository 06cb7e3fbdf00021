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
import { Construct, type IConstruct } from 'constructs';
import { principalArns } from '../access/principal-arns';
import { BrakeDetailType } from '../core/events/brake-events';
import { GrantDetailType } from '../core/events/grant-events';
import { HoldDetailType } from '../core/events/hold-events';
import { DetailType, EVENT_SOURCE } from '../core/events/image-events';
import { RevocationDetailType } from '../core/events/revocation-events';
import { WaiverDetailType } from '../core/events/waiver-events';
import { checkProperties, having, optional, type Properties } from '../properties/properties';

/**
 * Options of a subscription to the library's events.
 */
export interface OnImageEventOptions {
  /**
   * The target that receives the event.
   *
   * @default - none; add targets to the returned rule
   */
  readonly target?: IRuleTarget;

  /**
   * An additional pattern for the `detail` of the event.
   *
   * @default - every event of the type
   */
  readonly detail?: { [field: string]: any };
}

const ON_IMAGE_EVENT: Properties<OnImageEventOptions> = {
  target: optional(
    having<IRuleTarget>('bind'),
    'a target of a rule, for example new LambdaFunction() of aws-events-targets',
  ),
  detail: optional(having<{ [field: string]: any }>(), 'an object of a pattern of EventBridge'),
};

/**
 * The event bus on which verdicts are published. Its events are a public contract. Anyone may subscribe. Only
 * the evaluator, the signer, the publisher of waivers, the watcher of break-glass grants, what follows a
 * revocation and the function that releases the brake may publish.
 *
 * An event is a hint that something changed. A subscriber reads the register before it acts.
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

  /** Adds a rule for: an image has a verdict. */
  public onImageVerdict(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [DetailType.verdict], options);
  }

  /** Adds a rule for: a scan ended without a verdict. */
  public onImageScanFailed(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [DetailType.scanFailed], options);
  }

  /** Adds a rule for: an image is trusted, or its trust was renewed. */
  public onImageTrusted(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [DetailType.trusted], options);
  }

  /** Adds a rule for: an image that was trusted is refused. */
  public onImageRevoked(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [DetailType.revoked], options);
  }

  /** Adds a rule for: a `RevocationWatcher` looked where a revoked image runs. */
  public onRevokedLocated(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [RevocationDetailType.located], options);
  }

  /** Adds a rule for: a `SignatureWithdrawal` took the signatures of a revoked image out of the registry. */
  public onSignaturesWithdrawn(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [RevocationDetailType.withdrawn], options);
  }

  /** Adds a rule for: the brake holds the revocation of an image that fails: gates still admit it. */
  public onImageRevocationHeld(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [DetailType.held], options);
  }

  /** Adds a rule for: an image that the brake held is revoked, or passes again. */
  public onImageRevocationHoldEnded(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [HoldDetailType.ended], options);
  }

  /** Adds a rule for: somebody released the brake, and what it held is revoked. */
  public onRevocationBrakeReleased(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [BrakeDetailType.released], options);
  }

  /** Adds a rule for: an `ImageArchive` archived a refused image. */
  public onImageArchived(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [RevocationDetailType.archived], options);
  }

  /** Adds a rule for: an `ImageArchive` restores an image that passes again. */
  public onImageRestored(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [RevocationDetailType.restored], options);
  }

  /** Adds a rule for: a waiver expires in 14, 7 or 1 days. */
  public onWaiverExpiring(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [WaiverDetailType.expiring], options);
  }

  /** Adds a rule for: the waiver file was changed and cannot be read. */
  public onWaiversRejected(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [WaiverDetailType.rejected], options);
  }

  /** Adds a rule for: waivers cover nothing in any image. Published once a day. */
  public onWaiversUnused(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [WaiverDetailType.unused], options);
  }

  /** Adds a rule for: somebody lets an image, or every image, run without trust for a limited time. */
  public onBreakGlassGranted(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [GrantDetailType.granted], options);
  }

  /** Adds a rule for: a gate admits an image by a break-glass grant. */
  public onBreakGlassUsed(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [GrantDetailType.used], options);
  }

  /** Adds a rule for: a break-glass grant has ended. */
  public onBreakGlassEnded(id: string, options: OnImageEventOptions = {}): Rule {
    return this.on(id, [GrantDetailType.ended], options);
  }

  /** Allows a role to publish verdicts, failed scans and what the brake holds, and no other events. */
  public grantPublish(role: IRole): Grant {
    return this.publish(role, [
      DetailType.verdict,
      DetailType.scanFailed,
      DetailType.held,
      HoldDetailType.ended,
    ]);
  }

  /** Allows the signer to publish trust and revocation. @internal */
  public _grantPublishTrust(role: IRole): Grant {
    return this.publish(role, [DetailType.trusted, DetailType.revoked]);
  }

  /** Allows the function that releases the brake to publish that. @internal */
  public _grantPublishRelease(role: IRole): Grant {
    return this.publish(role, Object.values(BrakeDetailType));
  }

  /** Allows the publisher of waivers to publish events about them. @internal */
  public _grantPublishWaivers(role: IRole): Grant {
    return this.publish(role, Object.values(WaiverDetailType));
  }

  /** Allows the watcher of grants to publish events about them. @internal */
  public _grantPublishGrants(role: IRole): Grant {
    return this.publish(role, Object.values(GrantDetailType));
  }

  /** Allows a function to publish what it does after a FAIL. @internal */
  public _grantPublishFollowing(role: IRole, ...detailTypes: RevocationDetailType[]): Grant {
    const [here, there] = [Stack.of(this), Stack.of(role)];
    if (here !== there) {
      // the policy of the bus names the role, and the role the bus
      throw new Error(
        `${role.node.scope!.node.path} publishes events and is in the stack ${there.node.path}, and the bus in ${here.node.path}, allowed: the same stack`,
      );
    }
    return this.publish(role, detailTypes);
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

  /**
   * Adds a rule of a construct of this library, of which there may be several: the first has the plain id.
   *
   * @internal
   */
  public _onFor(owner: IConstruct, id: string, detailTypes: string[], options: OnImageEventOptions): Rule {
    const isTaken = this.node.tryFindChild(id) !== undefined;
    return this.on(isTaken ? `${id}${owner.node.addr.slice(0, 8)}` : id, detailTypes, options);
  }

  private on(id: string, detailType: string[], options: OnImageEventOptions): Rule {
    checkProperties('OnImageEventOptions', options, ON_IMAGE_EVENT);
    const { target, detail } = options;
    const { account, region } = Stack.of(this);
    const ours: EventPattern = {
      source: [EVENT_SOURCE],
      detailType,
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

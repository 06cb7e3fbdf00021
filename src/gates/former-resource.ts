import { CfnElement } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { IImageTrust } from './i-image-trust';
import type { TrustGate } from './trust-gate';

/**
 * The resource that asked about an image before this one. It is in no template any more. The resource that
 * takes over names it, and so the gate finds what it admitted.
 *
 * @internal
 */
export class FormerResource extends CfnElement {
  /** The resource of an earlier version, which asked a gate of its own stack. */
  public static ofStack(image: Construct, trust: IImageTrust): FormerResource {
    return new FormerResource(image, `Trust${trust.node.addr.slice(0, 8)}`);
  }

  /** The resource that asked a gate. */
  public static of(image: Construct, gate: TrustGate): FormerResource {
    return new FormerResource(image, gate._resourceId);
  }

  private constructor(image: Construct, id: string) {
    super(new Construct(image, id), 'Default');
  }

  /** @internal */
  public _toCloudFormation(): object {
    return {};
  }
}

import { Stack, type ResourceEnvironment } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { admit } from './admission';
import { keepFormerExports, keepLaterExports } from './former-exports';
import type { GateAccess } from './gate-access';
import type { IImageTrust } from './i-image-trust';
import { ownAccess } from './own-access';
import { TrustGate } from './trust-gate';
import type { TrustGateOptions } from './trust-gate-options';
import { keepTrustOutputs } from './trust-outputs';
import { TRUST_PARTS, type TrustParts } from './trust-parts';
import type { ImageAlerts } from '../alerts/image-alerts';
import type { BreakGlass } from '../break-glass/break-glass';
import type { GrantsStore } from '../break-glass/grants-store';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import { checkProperties } from '../properties/properties';
import type { NetworkOptions } from '../queues/network';
import type { RepositorySelector } from '../repository/repository-selector';
import type { ImageScanner } from '../scanning/image-scanner';
import type { ImageSigner } from '../trust/image-signer';
import type { PolicyStore } from '../trust/policy-store';
import type { TrustRegister } from '../trust/trust-register';

/**
 * A trust of parts that somebody put together.
 *
 * @internal
 */
export class ComposedTrust extends Construct implements IImageTrust, Omit<TrustParts, 'gate'> {
  public readonly env: ResourceEnvironment;
  public readonly register: TrustRegister;
  public readonly policies: PolicyStore;
  public readonly scanner: ImageScanner;
  public readonly signer: ImageSigner;
  public readonly evidence: EvidenceBucket;
  public readonly alerts: ImageAlerts;
  public readonly breakGlass?: BreakGlass;
  public readonly network?: NetworkOptions;

  private readonly gateOptions?: TrustGateOptions;

  constructor(scope: Construct, id: string, parts: TrustParts) {
    super(scope, id);
    checkProperties('TrustParts', parts, TRUST_PARTS);
    this.register = parts.register;
    this.policies = parts.policies;
    this.scanner = parts.scanner;
    this.signer = parts.signer;
    this.evidence = parts.evidence;
    this.alerts = parts.alerts;
    this.breakGlass = parts.breakGlass;
    this.breakGlass?._isOf(this);
    this.network = parts.network;
    this.gateOptions = parts.gate;
    const { account, region } = Stack.of(parts.register);
    this.env = { account, region };
    keepFormerExports(this);
    keepLaterExports(this, this.breakGlass);
    keepTrustOutputs(this, this);
  }

  public grantAsk(grantee: IGrantable): Grant {
    return this.register._grantAsk(grantee).combine(this.policies._grantAsk(grantee));
  }

  public grantVerify(grantee: IGrantable): Grant {
    return this.signer.grantVerify(grantee);
  }

  /** @internal */
  public _access(gate: IConstruct): GateAccess {
    const { register, policies, scanner, signer, evidence, alerts, breakGlass } = this;
    const waitsFor: IConstruct[] = [register, policies, scanner, signer, evidence, alerts];
    if (breakGlass !== undefined) waitsFor.push(breakGlass);
    return { ...ownAccess(this, gate, this), waitsFor };
  }

  /** @internal */
  public _whenBreakGlass(then: (breakGlass: BreakGlass) => void): void {
    if (this.breakGlass !== undefined) then(this.breakGlass);
  }

  /** @internal */
  public get _grants(): GrantsStore | undefined {
    return this.breakGlass;
  }

  /** @internal */
  public _admit(image: IConstruct, repository: IRepository): RepositorySelector | undefined {
    return admit(image, repository, this);
  }

  /** It is made with the first image that asks. @internal */
  public _gate(): TrustGate {
    return TrustGate._of(this, this.gateOptions);
  }
}

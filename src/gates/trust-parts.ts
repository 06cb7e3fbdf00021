import { GATE_OF_TRUST, type TrustGateOptions } from './trust-gate-options';
import { ImageAlerts } from '../alerts/image-alerts';
import { BreakGlass } from '../break-glass/break-glass';
import { EvidenceBucket } from '../evidence/evidence-bucket';
import { optional, required, type Properties } from '../properties/properties';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import { ImageScanner } from '../scanning/image-scanner';
import { ImageSigner } from '../trust/image-signer';
import { PolicyStore } from '../trust/policy-store';
import { TrustRegister } from '../trust/trust-register';

/**
 * The parts of a trust that gates of the same app use.
 */
export interface TrustParts {
  /** The register, which a gate reads. */
  readonly register: TrustRegister;

  /** The active policy. An image that passed only in an audit is not trusted after the audit. */
  readonly policies: PolicyStore;

  /** The scanner, for images that are not scanned yet. */
  readonly scanner: ImageScanner;

  /** The signer, whose keys a gate pins. */
  readonly signer: ImageSigner;

  /** The bucket of the reports that an answer names. */
  readonly evidence: EvidenceBucket;

  /** The alerts of a gate that only audits. */
  readonly alerts: ImageAlerts;

  /**
   * The break-glass grants that gates read before they refuse.
   *
   * @default - none: what is refused stays refused
   */
  readonly breakGlass?: BreakGlass;

  /**
   * The gate that images ask.
   *
   * @default - a gate with the name of the stack
   */
  readonly gate?: TrustGateOptions;

  /**
   * The network that the functions of a gate run in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/** @internal */
export const TRUST_PARTS: Properties<TrustParts> = {
  register: required(TrustRegister, 'a TrustRegister'),
  policies: required(PolicyStore, 'a PolicyStore'),
  scanner: required(ImageScanner, 'an ImageScanner'),
  signer: required(ImageSigner, 'an ImageSigner'),
  evidence: required(EvidenceBucket, 'an EvidenceBucket'),
  alerts: required(ImageAlerts, 'an ImageAlerts'),
  breakGlass: optional(BreakGlass, 'a BreakGlass'),
  gate: GATE_OF_TRUST,
  network: IN_NETWORK,
};

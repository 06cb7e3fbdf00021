import type { IConstruct } from 'constructs';
import type { ImageAlerts } from '../alerts/image-alerts';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import type { NetworkOptions } from '../queues/network';
import type { ImageScanner } from '../scanning/image-scanner';
import type { ImageSigner } from '../trust/image-signer';
import type { PolicyStore } from '../trust/policy-store';
import type { TrustRegister } from '../trust/trust-register';

/**
 * What gates ask: the rooms of an `ImageTrust`.
 */
export interface IImageTrust extends IConstruct {
  /** Where the answer stands. */
  readonly register: TrustRegister;

  /** Which policy is active: what an audit let through counts no longer than the audit. */
  readonly policies: PolicyStore;

  /** Who scans what nobody scanned yet. */
  readonly scanner: ImageScanner;

  /** Whose signatures count. */
  readonly signer: ImageSigner;

  /** Where the reports are that an answer names. */
  readonly evidence: EvidenceBucket;

  /** Who is told where a gate only watches. */
  readonly alerts: ImageAlerts;

  /**
   * Network that the functions run in that ask.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

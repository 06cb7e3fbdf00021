import type { Duration } from 'aws-cdk-lib';
import type { ScanCompute } from './scan-compute';
import type { ScannerImage } from './scanner-image';
import type { SecretSearch } from './secret-search';
import type { VulnerabilityDatabase } from './vulnerability-database';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import type { NetworkOptions } from '../queues/network';
import type { RepositorySelector } from '../repository/repository-selector';
import type { PolicyStore } from '../trust/policy-store';
import type { TrustRegister } from '../trust/trust-register';

/**
 * How images are scanned.
 */
export interface ScanOptions {
  /**
   * What scans run on.
   *
   * @default ScanCompute.SMALL
   */
  readonly compute?: ScanCompute;

  /**
   * How long one scan may take, 5 to 60 minutes; 15 at most on Lambda compute.
   *
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;

  /**
   * How many scans run at once, 1 to 100. More wait; none is lost. The limit keeps scans from starving other
   * builds of the account.
   *
   * @default 10
   */
  readonly concurrency?: number;

  /**
   * How many scans of one repository run at once, so that one pusher cannot starve the others.
   *
   * @default - half of `concurrency`, at least 1
   */
  readonly concurrencyPerRepository?: number;

  /**
   * The image that Trivy runs in.
   *
   * @default ScannerImage.trivy()
   */
  readonly scannerImage?: ScannerImage;

  /**
   * Where secrets are searched.
   *
   * @default SecretSearch.APPLICATION
   */
  readonly secretSearch?: SecretSearch;

  /**
   * Where Trivy's databases come from.
   *
   * @default VulnerabilityDatabase.publicRegistries()
   */
  readonly database?: VulnerabilityDatabase;

  /**
   * Mirrors that Trivy asks instead of a registry, by the registry's host: `{ 'docker.io':
   * ['mirror.example.com'] }`.
   *
   * @default - none
   */
  readonly registryMirrors?: { [host: string]: string[] };

  /**
   * Network that builds and functions run in, those of deployments too.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/**
 * Properties of an image scanner.
 */
export interface ImageScannerProps extends ScanOptions {
  /** Which repositories are scanned. At least one selector. */
  readonly repositories: RepositorySelector[];

  /** Where scans are claimed. */
  readonly register: TrustRegister;

  /** Where it stands which policy is active: images that were judged by an older one are found here. */
  readonly policies: PolicyStore;

  /** Where reports go. */
  readonly evidence: EvidenceBucket;
}

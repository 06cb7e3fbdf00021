import { Duration } from 'aws-cdk-lib';
import type { DeploymentProbe } from './deployment-probe';
import { ScanCompute } from './scan-compute';
import { ScannerImage } from './scanner-image';
import { SecretSearch } from './secret-search';
import { VulnerabilityDatabase } from './vulnerability-database';
import { EvidenceBucket } from '../evidence/evidence-bucket';
import { having, optional, required, type Properties } from '../properties/properties';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import { SELECTORS, RepositorySelector } from '../repository/repository-selector';
import { PolicyStore } from '../trust/policy-store';
import { TrustRegister } from '../trust/trust-register';

/**
 * How images are scanned.
 */
export interface ScanOptions {
  /**
   * The compute that scans run on.
   *
   * @default ScanCompute.SMALL
   */
  readonly compute?: ScanCompute;

  /**
   * The time limit of one scan, 5 to 60 minutes; at most 15 on Lambda compute.
   *
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;

  /**
   * The number of scans that run at once, 1 to 100. Further scans wait, and none is lost. The limit leaves
   * capacity for other builds of the account.
   *
   * Pushes and deployments come first: up to a quarter of the scans is kept free of renewals and of old
   * images of enrolled repositories. If CodeBuild runs fewer builds at once, that number counts.
   *
   * Without this option, the dispatcher alone keeps the limit. With it, it is the limit of the project too:
   * CodeBuild refuses to create a project whose limit is above the quota of the account for the compute type.
   *
   * @default 10
   */
  readonly concurrency?: number;

  /**
   * The number of scans of one repository that run at once, from 1 to `concurrency`. The limit leaves
   * capacity for other repositories.
   *
   * @default - half of `concurrency`, at least 1
   */
  readonly concurrencyPerRepository?: number;

  /**
   * The container image that Trivy runs in.
   *
   * @default ScannerImage.trivy()
   */
  readonly scannerImage?: ScannerImage;

  /**
   * The folders in which Trivy searches for secrets.
   *
   * @default SecretSearch.APPLICATION
   */
  readonly secretSearch?: SecretSearch;

  /**
   * The source of Trivy's databases.
   *
   * @default VulnerabilityDatabase.publicRegistries()
   */
  readonly database?: VulnerabilityDatabase;

  /**
   * The mirrors that Trivy uses instead of a registry, by the host of the registry: `{ 'docker.io':
   * ['mirror.example.com'] }`. Each host is `<name>` or `<name>:<port>`.
   *
   * @default - none
   */
  readonly registryMirrors?: { [host: string]: string[] };

  /**
   * Whether a deployment proves that scans work in this account, with a build over an image made for it.
   *
   * @default DeploymentProbe.ON_CHANGE
   */
  readonly deploymentProbe?: DeploymentProbe;

  /**
   * The network of builds and functions, including the functions of gates.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/** @internal */
export const SCAN_OPTIONS: Properties<ScanOptions> = {
  compute: optional(ScanCompute, 'a ScanCompute'),
  timeout: optional(Duration, 'a Duration, for example Duration.minutes(30)'),
  concurrency: optional(),
  concurrencyPerRepository: optional(),
  scannerImage: optional(ScannerImage, 'a ScannerImage'),
  secretSearch: optional(SecretSearch, 'a SecretSearch'),
  database: optional(VulnerabilityDatabase, 'a VulnerabilityDatabase'),
  registryMirrors: optional(
    having<{ [host: string]: string[] }>(),
    'an object with a list of mirrors for each host',
  ),
  deploymentProbe: optional(),
  network: IN_NETWORK,
};

/**
 * Properties of an image scanner.
 */
export interface ImageScannerProps extends ScanOptions {
  /** The selectors of the repositories that are scanned, at least one. */
  readonly repositories: RepositorySelector[];

  /** The register, which holds the scan leases. */
  readonly register: TrustRegister;

  /** The table of the active policy. Images that an older revision judged are judged again. */
  readonly policies: PolicyStore;

  /** The bucket that receives the reports. */
  readonly evidence: EvidenceBucket;
}

/** @internal */
export const IMAGE_SCANNER: Properties<ImageScannerProps> = {
  ...SCAN_OPTIONS,
  repositories: required([RepositorySelector], SELECTORS),
  register: required(TrustRegister, 'a TrustRegister'),
  policies: required(PolicyStore, 'a PolicyStore'),
  evidence: required(EvidenceBucket, 'an EvidenceBucket'),
};

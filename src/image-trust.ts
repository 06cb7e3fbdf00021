import { RemovalPolicy, Stack, type Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ImageAlerts, type AlertFormat } from './alerts/image-alerts';
import { TrustEvents } from './events/trust-events';
import { EvidenceBucket } from './evidence/evidence-bucket';
import { FindingsTable } from './findings/findings-table';
import type { IImageTrust } from './gates/i-image-trust';
import type { ImagePolicy } from './policy/image-policy';
import { PolicyEvaluator } from './policy/policy-evaluator';
import type { RepositoryPolicy } from './policy/repository-policy';
import type { WaiverSource } from './policy/waiver-source';
import { WaiverStore } from './policy/waiver-store';
import type { NetworkOptions } from './queues/network';
import type { RepositorySelector } from './repository/repository-selector';
import { TrustedRepository, type TrustedRepositoryProps } from './repository/trusted-repository';
import { ImageScanner } from './scanning/image-scanner';
import type { ScanOptions } from './scanning/scan-options';
import { ImageSigner, type SigningOptions } from './trust/image-signer';
import { PolicyStore } from './trust/policy-store';
import { SigningKey } from './trust/signing-key';
import { TrustRegister } from './trust/trust-register';

/**
 * Properties of image trust.
 */
export interface ImageTrustProps extends ScanOptions {
  /** Which repositories are enrolled. At least one selector. */
  readonly repositories: RepositorySelector[];

  /**
   * The rules that images are judged by.
   *
   * @default ImagePolicy.standard()
   */
  readonly policy?: ImagePolicy;

  /**
   * Other policies for some repositories. The first that names a repository judges its images.
   *
   * @default - `policy` judges all
   */
  readonly repositoryPolicies?: RepositoryPolicy[];

  /**
   * The findings that somebody accepted.
   *
   * @default WaiverRegister.inBucket()
   */
  readonly waivers?: WaiverSource;

  /**
   * For how long a waiver may hold, counted from the day on which it was accepted; whole days.
   *
   * @default Duration.days(90)
   */
  readonly maxWaiverLife?: Duration;

  /**
   * How images that passed are signed.
   *
   * @default - by a key that is made, a statement at every PASS and a cosign signature once a digest
   */
  readonly signing?: SigningOptions;

  /**
   * How alerts are written.
   *
   * @default AlertFormat.TEXT
   */
  readonly alertFormat?: AlertFormat;

  /**
   * The record of every scan and verdict, of the same stack: its policy names the roles that write it. Throws
   * if it is of another.
   *
   * @default - one is made
   */
  readonly evidence?: EvidenceBucket;

  /**
   * What becomes of all that holds state when it is removed from the stack: evidence with its key, register,
   * findings, policies, the signing key, and the repositories of `addRepository()`. DESTROY empties evidence
   * and repositories first, and nobody can verify any more what was signed: it is for trying things out. What
   * is made elsewhere (a bucket, a signing key) has its own.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Every stage, wired, with safe defaults: images that are pushed get a verdict with reasons, in the register,
 * in the findings table and in an alert; those that pass are signed. `TrustedImage` lets only these run.
 */
export class ImageTrust extends Construct implements IImageTrust {
  /** Scans what is pushed. */
  public readonly scanner: ImageScanner;
  /** Judges what was scanned. */
  public readonly evaluator: PolicyEvaluator;
  /** What was accepted: the bucket with `waivers.yaml`. */
  public readonly waivers: WaiverStore;
  /** Signs what passed. */
  public readonly signer: ImageSigner;
  /** What gates read. */
  public readonly register: TrustRegister;
  /** Which policy is active. */
  public readonly policies: PolicyStore;
  /** What people query. */
  public readonly findings: FindingsTable;
  /** Where reports and verdicts lie. */
  public readonly evidence: EvidenceBucket;
  /** Where verdicts are published. */
  public readonly events: TrustEvents;
  /** Who is told. */
  public readonly alerts: ImageAlerts;
  /** Network that the functions run in that ask. */
  public readonly network?: NetworkOptions;

  private readonly removalPolicy: RemovalPolicy;

  constructor(scope: Construct, id: string, props: ImageTrustProps) {
    super(scope, id);
    const { network } = props;
    this.network = network;
    this.removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const removalPolicy = this.removalPolicy;
    this.evidence =
      checkedEvidence(this, props.evidence) ?? new EvidenceBucket(this, 'Evidence', { removalPolicy });
    this.register = new TrustRegister(this, 'Register', { removalPolicy });
    this.policies = new PolicyStore(this, 'Policies', { removalPolicy });
    this.events = new TrustEvents(this, 'Events');
    const shared = {
      register: this.register,
      policies: this.policies,
      evidence: this.evidence,
      events: this.events,
      network,
    };
    this.scanner = new ImageScanner(this, 'Scanner', { ...props, ...shared });
    const { policy, repositoryPolicies } = props;
    const { waivers, maxWaiverLife: maxLife } = props;
    this.waivers = new WaiverStore(this, 'Waivers', {
      ...shared,
      scanner: this.scanner,
      waivers,
      maxLife,
      removalPolicy,
    });
    this.evaluator = new PolicyEvaluator(this, 'Evaluator', {
      ...shared,
      scanner: this.scanner,
      policy,
      repositoryPolicies,
      waivers: this.waivers,
    });
    const key = props.signing?.key ?? new SigningKey(this, 'SigningKey', { removalPolicy });
    this.signer = new ImageSigner(this, 'Signer', {
      ...props.signing,
      ...shared,
      key,
      repositories: props.repositories,
    });
    this.scanner._reconciler.signInto(this.signer._requests);
    this.findings = new FindingsTable(this, 'Findings', { ...shared, removalPolicy });
    this.alerts = new ImageAlerts(this, 'Alerts', { ...shared, format: props.alertFormat });
    const watched = [this.scanner, this.evaluator, this.waivers, this.signer, this.findings];
    for (const { _alarms } of watched) _alarms.forEach(alarm => this.alerts.addAlarm(alarm));
  }

  /** One hardened repository more, and nothing else: it is enrolled if a selector selects it. */
  public addRepository(id: string, props: TrustedRepositoryProps = {}): TrustedRepository {
    return new TrustedRepository(this, id, { removalPolicy: this.removalPolicy, ...props });
  }
}

/**
 * The bucket's policy names roles of the trust, and the trust names the bucket: two stacks would wait for
 * each other.
 */
function checkedEvidence(trust: Construct, evidence: EvidenceBucket | undefined): EvidenceBucket | undefined {
  if (evidence !== undefined && Stack.of(evidence) !== Stack.of(trust)) {
    throw new Error(
      `the evidence bucket ${evidence.node.path} lies in the stack ${Stack.of(evidence).node.path} and its trust in ${Stack.of(trust).node.path}, allowed: the same stack, since each has to name the other`,
    );
  }
  return evidence;
}

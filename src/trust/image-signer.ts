import { Annotations, Aws, Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { checkedFormerKeys, type FormerSigningKey } from './former-signing-key';
import { KeyWatch } from './key-watch';
import { KEY_OUTPUTS, keyOutput, pinnedKeys, type Pins } from './pinned-keys';
import { SignImageFunction } from './sign-image-function';
import { SigningKey } from './signing-key';
import { TrustRegister } from './trust-register';
import { doNotCountPulls } from '../access/uncounted-pulls';
import { EnvironmentName, MetricName } from '../core/environment';
import { AttestationKind } from '../core/signing/attestation';
import type { PinnedKeys } from '../core/signing/pinned-keys';
import { Rates, Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { EvidenceBucket } from '../evidence/evidence-bucket';
import {
  checkProperties,
  having,
  oneOf,
  optional,
  required,
  type Properties,
} from '../properties/properties';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import { warnOfIdleAlarms } from '../queues/idle-alarms';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { WorkQueue } from '../queues/work-queue';
import { RepositoryRights } from '../repository/repository-rights';
import { SELECTORS, RepositorySelector } from '../repository/repository-selector';

/**
 * Two copies of the function, with 1.5 PutImage calls a second each: 3 of the 10 calls a second that all
 * pushes of the account share.
 */
const COPIES = 2;

/**
 * The actions that push a manifest and its blobs, and read what is there. The right to get images also lists
 * referrers.
 *
 * @internal
 */
export const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/** To replace a summary, and to remove it when the image is revoked. */
export const DELETE = 'ecr:BatchDeleteImage';

/**
 * The attestations of an image that passed, in addition to the signature.
 *
 * An index is not scanned itself, so only its verdict and its summary are attested.
 */
export enum ImageAttestation {
  /** The verdict and its reasons, with a predicate type of this library. */
  VERDICT = 'VERDICT',
  /** The findings of Trivy: `cosign verify-attestation --type vuln`. Not for an index. */
  VULNERABILITIES = 'VULNERABILITIES',
  /** The SBOM: `cosign verify-attestation --type cyclonedx`. Not for an index. */
  SBOM = 'SBOM',
  /**
   * The standard's form of a verdict, with the predicate type `https://slsa.dev/verification_summary/v1`:
   * who verified when, which resource, by which policy, and until when verifiers may rely on it. It holds for
   * 14 days, and with a waiver or grace period only as long as the verdict. It is renewed while the image
   * passes, and deleted when the image is revoked.
   *
   * To delete what it replaces, the signer gets `ecr:BatchDeleteImage` on the enrolled repositories. IAM
   * cannot limit this right to the signer's own artifacts.
   */
  SUMMARY = 'SUMMARY',
}

/** @internal */
export const ATTESTATIONS = 'a list of ImageAttestation, for example [ImageAttestation.SBOM]';

/** They are read from the evidence of the scan. */
const OF_SCAN: readonly ImageAttestation[] = [ImageAttestation.VULNERABILITIES, ImageAttestation.SBOM];

/**
 * Which manifests of an image with several platforms get a signature in the registry.
 */
export enum SignedManifests {
  /**
   * None: nothing is written to Amazon ECR, and cosign finds no signature. Gates of this library need only
   * the statement in the register.
   */
  NONE = 'NONE',
  /** The index, or the single image: the manifest that users name. */
  TOP = 'TOP',
  /** The image of each platform too, for runtimes that report its digest. */
  ALL = 'ALL',
}

/**
 * How images are signed.
 */
export interface SigningOptions {
  /**
   * The signing key.
   *
   * @default - a new key
   */
  readonly key?: SigningKey;

  /**
   * Earlier signing keys, for as long as gates accept them.
   *
   * @default - none
   */
  readonly formerKeys?: FormerSigningKey[];

  /**
   * The attestations that are written once for each digest; SUMMARY is renewed. Each kind needs one PutImage
   * call, and all of them together one more, of the account's 10 calls a second.
   *
   * With `SignedManifests.TOP`, an index gets only VERDICT and SUMMARY, and its images get none. Use
   * `SignedManifests.ALL` to get the attestations of its images.
   *
   * @default - none
   */
  readonly attestations?: ImageAttestation[];

  /**
   * The manifests that get a signature in the registry.
   *
   * @default SignedManifests.TOP
   */
  readonly signedManifests?: SignedManifests;
}

const A_KEY = 'a SigningKey; new SigningKey(scope, id, { key }) takes an existing key';

/** @internal */
export const SIGNING_OPTIONS: Properties<SigningOptions> = {
  key: optional(SigningKey, A_KEY),
  formerKeys: optional([having<FormerSigningKey>()], 'a list of objects with key and acceptedUntil'),
  attestations: optional([oneOf(ImageAttestation)], ATTESTATIONS),
  signedManifests: optional(),
};

/**
 * Properties of an image signer.
 */
export interface ImageSignerProps extends SigningOptions {
  /** The selectors of the repositories that get signatures, at least one. */
  readonly repositories: RepositorySelector[];

  /** The register, which holds the statements. */
  readonly register: TrustRegister;

  /** The evidence bucket. The signer signs only verdicts that the evaluator wrote there. */
  readonly evidence: EvidenceBucket;

  /** The event bus, which delivers verdicts and publishes trust. */
  readonly events: TrustEvents;

  /**
   * The network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/** @internal */
export const IMAGE_SIGNER: Properties<ImageSignerProps> = {
  ...SIGNING_OPTIONS,
  repositories: required([RepositorySelector], SELECTORS),
  register: required(TrustRegister, 'a TrustRegister'),
  evidence: required(EvidenceBucket, 'an EvidenceBucket'),
  events: required(TrustEvents, 'a TrustEvents'),
  network: IN_NETWORK,
};

/**
 * Signs images that passed. At every PASS it writes a short-lived statement to the register, which gates
 * verify. Once for each digest it writes a signature to Amazon ECR, which cosign verifies.
 *
 * Its pulls do not count in `lastRecordedPullTime`: unless it writes nothing there, it makes one of the 100
 * `PullTimeUpdateExclusion`s that Amazon ECR allows in an account.
 */
export class ImageSigner extends Construct {
  /** The signing key. */
  public readonly key: SigningKey;

  /** Its alarms: pass each to `ImageAlerts.addAlarm()`, or add an action of your own. */
  public readonly alarms: Alarm[];

  private readonly requests: IQueue;
  private isAsked = false;

  private readonly formerKeys: FormerSigningKey[];
  private readonly metrics: RequestedMetrics;
  private readonly writesToRegistry: boolean;
  private readonly repositories: RepositorySelector[] = [];
  private readonly rights: RepositoryRights[] = [];

  constructor(scope: Construct, id: string, props: ImageSignerProps) {
    super(scope, id);
    checkProperties('ImageSignerProps', props, IMAGE_SIGNER);
    this.metrics = props.register._metrics;
    this.key = props.key ?? new SigningKey(this, 'Key');
    this.formerKeys = checkedFormerKeys(this, this.key.key, props.formerKeys ?? []);
    const { signedManifests = SignedManifests.TOP, attestations = [] } = props;
    const reads = attestations.some(each => OF_SCAN.includes(each));
    const actions = attestations.includes(ImageAttestation.SUMMARY) ? [...PUSH, DELETE] : PUSH;
    this.writesToRegistry = signedManifests !== SignedManifests.NONE;
    if (!this.writesToRegistry && attestations.length > 0) {
      throw new Error(
        `the attestations ${attestations.join(', ')} are written beside a signature in the registry, and signedManifests is NONE; allowed: SignedManifests.TOP or ALL, or no attestations`,
      );
    }
    if (reads && signedManifests !== SignedManifests.ALL) warnOfIndexes(this);
    const failures = Failures.of(props.register, this);
    const work = new WorkQueue(this, 'Verdicts', {
      deadLetters: failures.deadLetters,
      handledIn: Seconds.signImage,
      maxConcurrency: COPIES,
    });
    const options = handlerOptions(this, props.network);
    const sign = new SignImageFunction(this, 'Resource', {
      ...options,
      description: 'Signs images that passed policy',
      memorySize: 1024,
      timeout: Duration.seconds(Seconds.signImage),
      environment: {
        ...this.metrics.environment(),
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.eventBus]: props.events.eventBus.eventBusName,
        ...work.environment(),
        [EnvironmentName.signingKey]: this.key.key.keyArn,
        [EnvironmentName.signOptions]: JSON.stringify({
          manifests: signedManifests,
          attestations: [...new Set(attestations)] satisfies AttestationKind[],
        }),
        [EnvironmentName.putImagePerSecond]: String(Rates.putImagePerSecond),
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
      },
    });
    this._grantInRepositories(this, sign, actions);
    if (this.writesToRegistry) doNotCountPulls(options.role); // it reads manifests
    work.consumedBy(sign);
    props.events.onImageVerdict('SignVerdict', { target: work.asTarget() });
    props.register._grantChange(options.role);
    props.evidence._grantReadVerdicts(sign, reads);
    props.events._grantPublishTrust(options.role);
    this.key._allowSigning(options.role);
    for (const repository of props.repositories) this._admit(repository);
    this.requests = work.queue;
    const watch = new KeyWatch(this, 'KeyChanges', [
      this.key.key.keyArn,
      ...(this.key._aliasArn === undefined ? [] : [this.key._aliasArn]),
      ...this.formerKeys.map(({ key }) => key.keyArn),
    ]);
    this.alarms = [work.deadLetters.alarm, failures.errorAlarm(sign), watch.alarm];
    warnOfIdleAlarms(this, () => this.alarms);
    warnAtSynthesis(this, 'cdk-trusted-images:signerIsNotAsked', () =>
      this.isAsked
        ? undefined
        : 'no scanner asks this signer for statements that are missing, so an image whose event was lost is not trusted until it is scanned again: call askSigner() of the scanner',
    );
  }

  /** Allows a principal to fetch the public keys that gates accept. */
  public grantVerify(grantee: IGrantable): Grant {
    return this.formerKeys.reduce(
      (grant, { key }) =>
        grant.combine(
          Grant.addToPrincipal({
            grantee,
            actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
            resourceArns: [key.keyArn],
          }),
        ),
      this.key.grantVerify(grantee),
    );
  }

  /** The number of signed statements. Published once this is called. Sum over 5 minutes by default. */
  public metricSigned(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.imagesSigned, options);
  }

  /** The queue of what somebody asks it to sign. @internal */
  public _answer(): IQueue {
    this.isAsked = true;
    return this.requests;
  }

  /** The keys that a gate accepts, as its stack reads them. @internal */
  public _pins(gate: IConstruct): Pins {
    return pinnedKeys(this, this.accepted(), gate);
  }

  /** Keeps the outputs that gates of other stacks read. @internal */
  public _keepOutputs(): void {
    for (const output of KEY_OUTPUTS) keyOutput(this, this.accepted(), output);
  }

  /** The keys that gates accept, as JSON. @internal */
  public _pinnedKeys(): string {
    return Stack.of(this).toJsonString(this.accepted());
  }

  /** The present key and the former keys. @internal */
  public get _keys(): IKey[] {
    return [this.key.key, ...this.formerKeys.map(({ key }) => key)];
  }

  private accepted(): PinnedKeys {
    const former = this.formerKeys.map(({ key, acceptedUntil }) => ({
      arn: key.keyArn,
      acceptedUntil: new Date(acceptedUntil).toISOString(),
    }));
    return [{ arn: this.key.key.keyArn }, ...former];
  }

  /** Adds a repository that gets signatures. @internal */
  public _admit(repository: RepositorySelector): void {
    if (!this.writesToRegistry) return;
    this.repositories.push(repository);
    for (const rights of this.rights) rights.add(repository);
  }

  /** Allows a role these actions in each repository that gets signatures, now or later. @internal */
  public _grantInRepositories(scope: Construct, grantee: IGrantable, actions: string[]): void {
    const rights = new RepositoryRights(scope, grantee, actions);
    this.rights.push(rights);
    for (const repository of this.repositories) rights.add(repository);
  }

  /** Whether it writes anything to the registry. @internal */
  public get _writesToRegistry(): boolean {
    return this.writesToRegistry;
  }
}

function warnOfIndexes(signer: Construct): void {
  Annotations.of(signer).addWarningV2(
    'cdk-trusted-images:attestationsOfIndexes',
    'an image with several platforms gets none of the attestations VULNERABILITIES and SBOM: its index is not scanned, and its images get no signature; set signedManifests to SignedManifests.ALL to get the attestations of its images',
  );
}

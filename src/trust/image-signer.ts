import { Annotations, Aws, Duration, Stack } from 'aws-cdk-lib';
import { Metric, type Alarm, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Grant, PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { checkedFormerKeys, type FormerSigningKey } from './former-signing-key';
import { KeyWatch } from './key-watch';
import { pinnedKeys, type Pins } from './pinned-keys';
import { SignImageFunction } from './sign-image-function';
import { SigningKey } from './signing-key';
import type { TrustRegister } from './trust-register';
import { EnvironmentName, METRIC_NAMESPACE, MetricName } from '../core/environment';
import { AttestationKind } from '../core/signing/attestation';
import { Rates, Seconds } from '../core/times';
import type { TrustEvents } from '../events/trust-events';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import { errorAlarm, handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import { WorkQueue } from '../queues/work-queue';
import type { RepositorySelector } from '../repository/repository-selector';

/**
 * Two copies of the function at 1.5 a second each: 3 PutImage of the 10 a second that all pushes of the
 * account share.
 */
const COPIES = 2;

/**
 * What pushing a manifest and its blobs takes, and reading what is there: referrers are listed by the right
 * to get images.
 */
const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/**
 * What is attested of an image that passed, beside the signature.
 *
 * What Trivy found and what is in it is known of images; of an index, which was not scanned itself, only the
 * verdict is attested.
 */
export enum ImageAttestation {
  /** What policy said, and why. A predicate type of this library's own. */
  VERDICT = 'VERDICT',
  /** What Trivy found: `cosign verify-attestation --type vuln`. Not of an index. */
  VULNERABILITIES = 'VULNERABILITIES',
  /** What is in it: `cosign verify-attestation --type cyclonedx`. Not of an index. */
  SBOM = 'SBOM',
}

/**
 * What of an image with several platforms gets a signature in the registry.
 */
export enum SignedManifests {
  /** The index, or the single image: what people name. */
  TOP = 'TOP',
  /** The image of each platform too, for runtimes that report those. */
  ALL = 'ALL',
}

/**
 * How images are signed.
 */
export interface SigningOptions {
  /**
   * The key that signs.
   *
   * @default - one is made
   */
  readonly key?: SigningKey;

  /**
   * Keys that signed before, for as long as gates still believe them.
   *
   * @default - none
   */
  readonly formerKeys?: FormerSigningKey[];

  /**
   * What is attested beside the signature, once a digest. Of the account's 10 PutImage a second, each kind
   * costs one, and all of them together one more.
   *
   * With `SignedManifests.TOP`, an index gets no attestation but VERDICT, and its images get none: take
   * `SignedManifests.ALL` to have those of its images.
   *
   * @default - nothing
   */
  readonly attestations?: ImageAttestation[];

  /**
   * What gets a signature in the registry.
   *
   * @default SignedManifests.TOP
   */
  readonly signedManifests?: SignedManifests;
}

/**
 * Properties of an image signer.
 */
export interface ImageSignerProps extends SigningOptions {
  /** Which repositories it writes signatures to. At least one selector. */
  readonly repositories: RepositorySelector[];

  /** Where statements go. */
  readonly register: TrustRegister;

  /** Where verdicts are read: what is signed is what the evaluator wrote there. */
  readonly evidence: EvidenceBucket;

  /** Where verdicts come from, and trust is published. */
  readonly events: TrustEvents;

  /**
   * Network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/**
 * Signs what passed: a short-lived statement into the register at every PASS, which gates verify; and once a
 * digest a signature into Amazon ECR, which cosign verifies.
 */
export class ImageSigner extends Construct {
  /** The key that signs. */
  public readonly key: SigningKey;

  /** @internal */
  public readonly _alarms: Alarm[];
  /** @internal */
  public readonly _requests: IQueue;

  private readonly formerKeys: FormerSigningKey[];
  private readonly service: string;
  private readonly signer: IGrantable;
  private readonly pushes = new Map<string, PolicyStatement>();

  constructor(scope: Construct, id: string, props: ImageSignerProps) {
    super(scope, id);
    this.service = props.register._service;
    this.key = props.key ?? new SigningKey(this, 'Key');
    this.formerKeys = checkedFormerKeys(this, this.key.key, props.formerKeys ?? []);
    const reads = (props.attestations ?? []).some(each => each !== ImageAttestation.VERDICT);
    if (reads && props.signedManifests !== SignedManifests.ALL) warnOfIndexes(this);
    const timeout = Duration.seconds(Seconds.signImage);
    const work = new WorkQueue(this, 'Verdicts', {
      visibilityTimeout: timeout.plus(Duration.seconds(30)),
      maxReceiveCount: 100,
      maxConcurrency: COPIES,
    });
    const options = handlerOptions(this, props.network);
    const sign = new SignImageFunction(this, 'Resource', {
      ...options,
      description: 'Signs images that passed policy',
      memorySize: 1024,
      timeout,
      environment: {
        POWERTOOLS_SERVICE_NAME: this.service,
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.eventBus]: props.events.eventBus.eventBusName,
        [EnvironmentName.queue]: work.queue.queueUrl,
        [EnvironmentName.deadLetterQueue]: work.deadLetterQueue.queueUrl,
        [EnvironmentName.signingKey]: this.key.key.keyArn,
        [EnvironmentName.signOptions]: JSON.stringify({
          platformImages: props.signedManifests === SignedManifests.ALL,
          attestations: [...new Set(props.attestations ?? [])] satisfies AttestationKind[],
        }),
        [EnvironmentName.putImagePerSecond]: String(Rates.putImagePerSecond),
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
      },
    });
    this.signer = sign;
    work.consumedBy(sign);
    work.queue.grantSendMessages(sign);
    props.events.onImageVerdict('SignVerdict', {
      target: new SqsQueue(work.queue, { deadLetterQueue: work.deadLetterQueue }),
    });
    props.register._grantSign(options.role);
    props.evidence._grantReadVerdicts(sign, reads);
    props.events._grantPublishTrust(options.role);
    this.key._allowSigning(options.role);
    for (const repository of props.repositories) this._admit(repository);
    this._requests = work.queue;
    const watch = new KeyWatch(this, 'KeyChanges', [
      this.key.key.keyArn,
      this.key._aliasArn,
      ...this.formerKeys.map(({ key }) => key.keyArn),
    ]);
    this._alarms = [work.alarm, errorAlarm(this, sign), watch.alarm];
  }

  /** Lets somebody fetch the public keys that gates believe. */
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

  /** How many statements were signed. */
  public metricSigned(options?: MetricOptions): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: MetricName.imagesSigned,
      dimensionsMap: { service: this.service },
      statistic: 'Sum',
      period: Duration.minutes(5),
      ...options,
    });
  }

  /** Which keys a gate believes, as its stack sees them. @internal */
  public _pins(gate: IConstruct): Pins {
    const former = this.formerKeys.map(({ key, acceptedUntil }) => ({
      arn: key.keyArn,
      acceptedUntil: new Date(acceptedUntil).toISOString(),
    }));
    return pinnedKeys(this, [{ arn: this.key.key.keyArn }, ...former], gate);
  }

  /** One repository more that it writes signatures to. @internal */
  public _admit(repository: RepositorySelector): void {
    const { resources, tags } = repository._arns(this);
    const key = JSON.stringify(tags ?? {});
    const found = this.pushes.get(key);
    const known = new Set((found?.resources ?? []).map(arn => JSON.stringify(Stack.of(this).resolve(arn))));
    if (found !== undefined) {
      return found.addResources(
        ...resources.filter(arn => !known.has(JSON.stringify(Stack.of(this).resolve(arn)))),
      );
    }
    const statement = new PolicyStatement({
      actions: PUSH,
      resources,
      ...(tags !== undefined && { conditions: { StringEquals: tags } }),
    });
    this.pushes.set(key, statement);
    this.signer.grantPrincipal.addToPrincipalPolicy(statement);
  }
}

function warnOfIndexes(signer: Construct): void {
  Annotations.of(signer).addWarningV2(
    'cdk-trusted-images:attestationsOfIndexes',
    'an image with several platforms gets none of the attestations VULNERABILITIES and SBOM: its index was not scanned, and its images get no signature; set signedManifests to SignedManifests.ALL to have those of its images',
  );
}

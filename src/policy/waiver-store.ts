import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable, type IRole } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { followFiles } from './follow-files';
import { PublishWaiversFunction } from './publish-waivers-function';
import { unusedWaivers } from './unused-waivers';
import { WaiverSource } from './waiver-source';
import { grantToPeople } from '../access/to-people';
import { EnvironmentName, MetricName } from '../core/environment';
import { Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { EvidenceBucket } from '../evidence/evidence-bucket';
import { REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, optional, required, type Properties } from '../properties/properties';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';
import { anyAlarm } from '../queues/any-alarm';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import { warnOfIdleAlarms } from '../queues/idle-alarms';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { Runbook } from '../queues/runbook';
import { ImageScanner } from '../scanning/image-scanner';
import { PolicyStore } from '../trust/policy-store';
import { TrustRegister } from '../trust/trust-register';

const FILE = 'waivers.yaml';

/**
 * Properties of a waiver store.
 */
export interface WaiverStoreProps {
  /** The scanner whose images are judged again when waivers change. */
  readonly scanner: ImageScanner;

  /** The register, which says which waivers cover something. */
  readonly register: TrustRegister;

  /** The table that says which waivers are active. */
  readonly policies: PolicyStore;

  /** The bucket in which each active version of the waivers is kept. */
  readonly evidence: EvidenceBucket;

  /** The event bus for waivers that end soon, and for a waiver file that cannot be read. */
  readonly events: TrustEvents;

  /**
   * Where the waivers come from.
   *
   * @default WaiverSource.inBucket()
   */
  readonly waivers?: WaiverSource;

  /**
   * How long a waiver may hold, counted from the day on which it was accepted. Whole days.
   *
   * @default Duration.days(90)
   */
  readonly maxLife?: Duration;

  /**
   * Network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;

  /**
   * What happens to the bucket when it is removed from the stack. DESTROY empties it first, which is meant
   * for tests.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** @internal */
export const WAIVER_STORE: Properties<WaiverStoreProps> = {
  scanner: required(ImageScanner, 'an ImageScanner'),
  register: required(TrustRegister, 'a TrustRegister'),
  policies: required(PolicyStore, 'a PolicyStore'),
  evidence: required(EvidenceBucket, 'an EvidenceBucket'),
  events: required(TrustEvents, 'a TrustEvents'),
  waivers: optional(WaiverSource, 'a WaiverSource, for example WaiverSource.fromFile("waivers.yaml")'),
  maxLife: optional(Duration, 'a Duration of whole days, for example Duration.days(90)'),
  network: IN_NETWORK,
  removalPolicy: REMOVAL_POLICY,
};

/**
 * The bucket with `waivers.yaml`, and the function that activates it: within seconds after it was written, or
 * within a quarter of an hour if the event was lost. A file with a mistake changes nothing, and the team is
 * notified of the line.
 */
export class WaiverStore extends Construct {
  /** The bucket with `waivers.yaml`; versioned. */
  public readonly bucket: IBucket;

  /** Its alarms: pass each to `ImageAlerts.addAlarm()`, or add an action of your own. */
  public readonly alarms: Alarm[];

  /** The text that a deployment writes there, or undefined where people write it. @internal */
  public readonly _text: string | undefined;

  private readonly metrics: RequestedMetrics;
  private readonly environment: Record<string, string>;
  private readonly policies: PolicyStore;

  constructor(scope: Construct, id: string, props: WaiverStoreProps) {
    super(scope, id);
    checkProperties('WaiverStoreProps', props, WAIVER_STORE);
    this.metrics = props.register._metrics;
    this.policies = props.policies;
    const maxLife = props.maxLife ?? Duration.seconds(Seconds.waiverMaxLife);
    const sweep = props.scanner._reconciler.queue;
    const read = props.waivers?._read(maxLife);
    this._text = read?.text;
    warnAtSynthesis(this, 'cdk-trusted-images:waiverOfNoRepository', () =>
      unusedWaivers(read?.waivers ?? [], props.scanner._enrolled()),
    );
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const bucket = new Bucket(this, 'Resource', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    });
    // the CDK's own way would add a function with rights to the notifications of every bucket
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    this.bucket = bucket;
    this.environment = {
      [EnvironmentName.waiversBucket]: bucket.bucketName,
      [EnvironmentName.waiversKey]: FILE,
      [EnvironmentName.waiverLifeDays]: String(maxLife.toDays()),
    };

    const options = handlerOptions(this, props.network);
    const handler = new PublishWaiversFunction(this, 'Publisher', {
      ...options,
      description: 'Activates the waivers, and says which of them end soon',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.publishWaivers),
      environment: {
        ...this.metrics.environment(),
        ...this.environment,
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.policies]: props.policies.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.eventBus]: props.events.eventBus.eventBusName,
        [EnvironmentName.queue]: sweep.queueUrl,
      },
    });
    this.list(handler);
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['s3:GetObject'],
      resourceArns: [bucket.arnForObjects(FILE)],
    });
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['dynamodb:Scan'],
      resourceArns: [props.register.table.tableArn],
    });
    props.policies._grantPublishWaivers(options.role);
    props.evidence._grantPublishWaivers(options.role);
    props.events._grantPublishWaivers(options.role);
    sweep.grantSendMessages(handler);

    followFiles(this, handler, [bucket], [FILE]);
    this.alarms = [Failures.of(props.register, this).errorAlarm(handler), this.rejected()];
    warnOfIdleAlarms(this, () => this.alarms);
  }

  /**
   * Lets a principal of this account edit the waivers: whoever may do that decides which findings are waived.
   * Throws for principals for which `BreakGlass.grantBreakGlass()` throws.
   */
  public grantEdit(grantee: IGrantable): Grant {
    return grantToPeople('grantEdit', this, grantee, () => {
      this.list(grantee);
      const actions = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'];
      Grant.addToPrincipal({
        grantee,
        actions: ['s3:ListBucketVersions'],
        resourceArns: [this.bucket.bucketArn],
      }); // to find a version to go back to
      return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.bucket.arnForObjects(FILE)] });
    });
  }

  /**
   * Lets a deployment write the file and activate it. Returns the environment that its function needs.
   *
   * @internal
   */
  public _grantPut(role: IRole): Record<string, string> {
    this.policies._grantPublishWaivers(role);
    Grant.addToPrincipal({
      grantee: role,
      actions: ['s3:GetObject', 's3:PutObject'],
      resourceArns: [this.bucket.arnForObjects(FILE)],
    });
    return this.environment;
  }

  /** How often the file could not be read. */
  public metricRejected(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.waiversRejected, options);
  }

  /** Without it, S3 answers 403 for a file that is not there. */
  private list(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] });
  }

  /**
   * The file is read every quarter of an hour: one alarm for as long as it is broken, not one for each time.
   */
  private rejected(): Alarm {
    const text =
      'The waiver file cannot be read: the waivers before it still count. ' +
      'The message before this one, and the log of the function, name line and column.';
    return anyAlarm(this, 'Rejected', this.metricRejected(), { text, section: Runbook.waiversRejected }, 6);
  }
}

import { Annotations, Aws, Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { renderBases, unusedBases } from './base-repositories';
import { BrakeRelease } from './brake-release';
import { EvaluateImageFunction } from './evaluate-image-function';
import { ImagePolicy } from './image-policy';
import { PolicyPublisher } from './policy-publisher';
import { regoLayer } from './rego-engine';
import { unusedPolicies, type RepositoryPolicy } from './repository-policy';
import { RevocationBrake } from './revocation-brake';
import { WaiverStore } from './waiver-store';
import { grantCallUrl } from '../access/call-url';
import { grantToPeople } from '../access/to-people';
import { EnvironmentName, MetricName } from '../core/environment';
import { Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { EvidenceBucket } from '../evidence/evidence-bucket';
import { checkProperties, having, optional, required, type Properties } from '../properties/properties';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';
import { anyAlarm } from '../queues/any-alarm';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import { warnOfIdleAlarms } from '../queues/idle-alarms';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import { inOneGroup } from '../queues/one-security-group';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { Runbook } from '../queues/runbook';
import { RepositorySelector, SELECTORS } from '../repository/repository-selector';
import { ImageScanner } from '../scanning/image-scanner';
import { PolicyStore } from '../trust/policy-store';
import { TrustRegister } from '../trust/trust-register';

/**
 * Properties of a policy evaluator.
 */
export interface PolicyEvaluatorProps {
  /** The scanner whose scans are judged. */
  readonly scanner: ImageScanner;

  /** The register that verdicts are written to. */
  readonly register: TrustRegister;

  /** The table that says which policy is active. */
  readonly policies: PolicyStore;

  /** The bucket that reports are read from and verdicts are kept in. */
  readonly evidence: EvidenceBucket;

  /** The event bus that verdicts are published on. */
  readonly events: TrustEvents;

  /**
   * The rules. A change judges every image again, from its stored report.
   *
   * @default ImagePolicy.standard()
   */
  readonly policy?: ImagePolicy;

  /**
   * Other policies for some repositories. The first that names a repository judges its images.
   *
   * @default - `policy` judges the images of all repositories
   */
  readonly repositoryPolicies?: RepositoryPolicy[];

  /**
   * The repositories of base images. See `ImageTrustProps.baseRepositories`.
   *
   * @default - none
   */
  readonly baseRepositories?: RepositorySelector[];

  /**
   * The waivers: findings whose risk was accepted.
   *
   * @default - nothing is waived
   */
  readonly waivers?: WaiverStore;

  /**
   * Whether many revocations at once wait for a person.
   *
   * @default RevocationBrake.NONE
   */
  readonly revocationBrake?: RevocationBrake;

  /**
   * Network that the functions run in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/** @internal */
export const POLICY_EVALUATOR: Properties<PolicyEvaluatorProps> = {
  scanner: required(ImageScanner, 'an ImageScanner'),
  register: required(TrustRegister, 'a TrustRegister'),
  policies: required(PolicyStore, 'a PolicyStore'),
  evidence: required(EvidenceBucket, 'an EvidenceBucket'),
  events: required(TrustEvents, 'a TrustEvents'),
  policy: optional(ImagePolicy, 'an ImagePolicy'),
  repositoryPolicies: optional(
    [having<RepositoryPolicy>()],
    'a list of objects with repositories and policy',
  ),
  baseRepositories: optional([RepositorySelector], SELECTORS),
  waivers: optional(WaiverStore, 'a WaiverStore'),
  revocationBrake: optional(RevocationBrake, 'a RevocationBrake, for example RevocationBrake.above(20)'),
  network: IN_NETWORK,
};

/**
 * Turns what scans found into verdicts. It asks CodeBuild what ran, checks every hash, judges, and records in
 * this order: evidence, register, event.
 */
export class PolicyEvaluator extends Construct {
  /** Its alarms: pass each to `ImageAlerts.addAlarm()`, or add an action of your own. */
  public readonly alarms: Alarm[];
  /** @internal */
  public readonly _logGroup: ILogGroup;

  private readonly brakeRelease?: BrakeRelease;
  private readonly gates: IConstruct[] = [];

  private readonly metrics: RequestedMetrics;

  constructor(scope: Construct, id: string, props: PolicyEvaluatorProps) {
    super(scope, id);
    checkProperties('PolicyEvaluatorProps', props, POLICY_EVALUATOR);
    this.metrics = props.register._metrics;
    const policies = [
      props.policy ?? ImagePolicy.standard(),
      ...(props.repositoryPolicies ?? []).map(({ policy }) => policy),
    ];
    if (props.scanner._hasCachedDatabase) {
      warnOfOldDatabase(this, Math.min(...policies.map(policy => policy._databaseMaxHours())));
    }
    const { scanner, repositoryPolicies = [], baseRepositories = [] } = props;
    if (policies.every(policy => policy._onlyReports())) this.warnOfReliance();
    const bases = renderBases(baseRepositories);
    this.node.addValidation({
      validate: () => [
        ...unusedPolicies(repositoryPolicies, scanner._enrolled()),
        ...unusedBases(baseRepositories, scanner._enrolled()),
      ],
    });
    const layers = policies.some(policy => policy._hasRego()) ? [regoLayer(this)] : [];
    const network = inOneGroup(this, props.network);
    const options = handlerOptions(this, network);
    this._logGroup = options.logGroup;
    const { queue, deadLetters } = props.scanner._results;
    const evaluate = new EvaluateImageFunction(this, 'Resource', {
      ...options,
      description: 'Judges images by what their scans found',
      layers,
      memorySize: 3008,
      timeout: Duration.seconds(Seconds.evaluateImage),
      environment: {
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.policies]: props.policies.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.uploads]: props.evidence.uploads.bucketName,
        [EnvironmentName.eventBus]: props.events.eventBus.eventBusName,
        [EnvironmentName.scanRequests]: props.scanner.requests.queueUrl,
        [EnvironmentName.backgroundRequests]: props.scanner.backgroundRequests.queueUrl,
        [EnvironmentName.scanResults]: queue.queueUrl,
        [EnvironmentName.scanResultsPoison]: deadLetters.queue.queueUrl,
        [EnvironmentName.expectedBuild]: Stack.of(this).toJsonString(props.scanner._expectedBuild),
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
        ...(bases !== undefined && { [EnvironmentName.baseRepositories]: bases }),
        ...this.metrics.environment(),
      },
    });
    props.scanner._results.consumedBy(evaluate);
    queue.grantSendMessages(evaluate);
    props.scanner.requests.grantSendMessages(evaluate);
    props.scanner.backgroundRequests.grantSendMessages(evaluate);
    props.register.grantWrite(options.role);
    props.policies.grantRead(options.role);
    props.evidence.grantEvaluate(options.role);
    props.events.grantPublish(options.role);
    Grant.addToPrincipal({
      grantee: evaluate,
      actions: ['codebuild:BatchGetBuilds'],
      resourceArns: [props.scanner.project.projectArn],
    });

    const publisher = new PolicyPublisher(this, 'Policy', { ...props, network, evaluate, layers });
    this.alarms = [
      Failures.of(props.register, this).errorAlarm(evaluate),
      this.provenanceAlarm(),
      ...publisher.alarms,
    ];
    const percent = props.revocationBrake?._above()?.toString();
    if (percent !== undefined) {
      evaluate.addEnvironment(EnvironmentName.revocationBrake, percent);
      scanner._reconciler.countForBrake(props.register, percent);
      this.brakeRelease = new BrakeRelease(this, 'Brake', { ...props, network, percent });
      this.alarms.push(this.brakeAlarm(), this.brakeRelease.alarm);
    }
    warnOfIdleAlarms(this, () => this.alarms);
  }

  /**
   * Allows a principal of this account to release the brake: what it holds is revoked, and for a day nothing
   * is held. Throws if there is no brake, and for principals for which `BreakGlass.grantBreakGlass()` throws.
   */
  public grantReleaseBrake(grantee: IGrantable): Grant {
    if (this.brakeRelease === undefined) {
      throw new Error(
        `${this.node.path} has no brake on revocations, required: revocationBrake, for example RevocationBrake.above(20)`,
      );
    }
    const { handler } = this.brakeRelease;
    return grantToPeople('grantReleaseBrake', this, grantee, () => grantCallUrl(handler, grantee));
  }

  /** Whether there is a brake on revocations. @internal */
  public get _hasBrake(): boolean {
    return this.brakeRelease !== undefined;
  }

  /**
   * How many revocations the brake began to hold, and once an hour how many it holds. Published if there is a
   * brake, or once this is called. Sum over 5 minutes by default.
   */
  public metricRevocationsHeld(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.revocationsHeld, options);
  }

  /** How many verdicts were PASS. Published once this is called. Sum over 5 minutes by default. */
  public metricPass(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.verdictPass, options);
  }

  /** How many verdicts were FAIL. Published once this is called. Sum over 5 minutes by default. */
  public metricFail(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.verdictFail, options);
  }

  /** How many scans were indeterminate. Published once this is called. Sum over 5 minutes by default. */
  public metricScanFailed(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.scanFailed, options);
  }

  /** How many builds failed the check of their provenance. */
  public metricProvenanceFailure(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.provenanceFailure, options);
  }

  /** A gate that refuses what this policy refuses. @internal */
  public _relyOn(gate: IConstruct): void {
    this.gates.push(gate);
  }

  private warnOfReliance(): void {
    warnAtSynthesis(this, 'cdk-trusted-images:auditPolicy', () =>
      this.gates.length === 0
        ? undefined
        : `the policy only reports, so every image that can be scanned passes, also where a gate is to refuse: ${this.gates.map(({ node }) => node.path).join(', ')}; to see what would be refused before anything is, set Enforcement.audit() there, and a policy that refuses here, for example ImagePolicy.standard()`,
    );
  }

  /** Reconcile counts once an hour, so the alarm stays while something is held. */
  private brakeAlarm(): Alarm {
    const metric = this.metricRevocationsHeld({ period: Duration.hours(1) });
    const text =
      'The brake holds revocations: gates admit images that do not pass, for 24 hours at most. Decide: fix what refuses them, or release the brake. "cdk-trusted-images brake status" lists them.';
    return anyAlarm(this, 'BrakeHolds', metric, { text, section: Runbook.brake });
  }

  private provenanceAlarm(): Alarm {
    const metric = this.metricProvenanceFailure({ period: Duration.minutes(1) });
    const text =
      "A build, or its output, is not what was synthesised and requested: somebody may be forging scans. The evaluator's log names the fields.";
    return anyAlarm(this, 'Provenance', metric, { text, section: Runbook.forgedBuild });
  }
}

/** The scans of hours of each day would end in `DATABASE_STALE`. */
function warnOfOldDatabase(evaluator: Construct, maxHours: number): void {
  const expected = Seconds.databaseInCache / 3600;
  if (maxHours >= expected) return;
  Annotations.of(evaluator).addWarningV2(
    'cdk-trusted-images:cachedDatabaseAge',
    `the policy allows a vulnerability database of ${maxHours} hours, and in a pull-through cache it can be ${expected} hours old: scans would end in DATABASE_STALE for a part of each day; allow ${expected} hours or more with PolicyRule.databaseAge(), or use mirrors of your own: VulnerabilityDatabase.fromRepositories()`,
  );
}

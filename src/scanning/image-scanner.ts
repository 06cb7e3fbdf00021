import { Aws, Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IProject } from 'aws-cdk-lib/aws-codebuild';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { exceptCached } from './cached-repository';
import { byAccount, checkedEnrolment, checkedOptions } from './checked-options';
import { DeploymentProbe } from './deployment-probe';
import { DispatchScanFunction } from './dispatch-scan-function';
import { ForwardedPushes } from './forwarded-pushes';
import { newImagePattern } from './new-image-pattern';
import { Reconciler } from './reconciler';
import { IMAGE_SCANNER, type ImageScannerProps } from './scan-options';
import { ScanProject } from './scan-project';
import { ScannerImage } from './scanner-image';
import { ScannerProbe } from './scanner-probe';
import { SecretSearch } from './secret-search';
import { VulnerabilityDatabase } from './vulnerability-database';
import { warnOfWayToS3 } from './way-to-s3';
import { doNotCountPulls } from '../access/uncounted-pulls';
import { EnvironmentName, MetricName } from '../core/environment';
import { needsTags } from '../core/image/enrolment';
import { SCAN_LOAD_LIMIT } from '../core/register/scan-load';
import type { ExpectedBuild } from '../core/scanning/provenance';
import { Seconds } from '../core/times';
import { checkProperties } from '../properties/properties';
import { aboveAlarm } from '../queues/above-alarm';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import { warnOfIdleAlarms } from '../queues/idle-alarms';
import { inOneGroup } from '../queues/one-security-group';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { risingAlarm } from '../queues/rising-alarm';
import { Runbook } from '../queues/runbook';
import { WorkQueue } from '../queues/work-queue';
import type { RepositorySelector } from '../repository/repository-selector';
import type { ImageSigner } from '../trust/image-signer';

const DISPATCHED = { handledIn: Seconds.dispatchScan, maxConcurrency: 2 };
/** A request that waits is looked at within this time, and its age is a data point then. */
const OLDEST = { statistic: 'Maximum', period: Duration.seconds(Seconds.longestDeferral) };
const LATE = {
  text: 'A push or a deployment has waited for its scan for more than an hour, or a renewal, or an old image, for more than a day. The log of Dispatcher says why on its lines "deferred": raise the quota of CodeBuild for concurrently running builds on the compute type of the scanner, or the option concurrency, or find out which builds never end. Verdicts that are not renewed expire after their maxAge. After an enrolment of many images, wait.',
  section: Runbook.lateScans,
};
const SCAN_LOAD = {
  text: `More than ${SCAN_LOAD_LIMIT} % of the scans that are possible in a day are needed to renew the images that pass. Above 100 % verdicts expire after their maxAge, and gates then refuse these images. The value of the alarm is the percentage: multiply concurrency by value / ${SCAN_LOAD_LIMIT}, set that as concurrency and as the quota of CodeBuild for concurrently running builds on the compute type of the scanner, or let lifecycle rules delete images that nobody runs. "cdk-trusted-images doctor" says the figure.`,
  section: Runbook.scanLoad,
};
const NOT_A_REQUEST =
  'An app that imports this trust sent something else than the request of a gate, or its request could not be handled. The log of Dispatcher says which and why, on its lines "poison". Nothing was done for it. Ask the importers which version of this library they deploy with, and remove from importers who sends anything else.';

/**
 * Scans every image that is pushed to the selected repositories, by digest. A push event goes to a queue, and
 * a dispatcher starts a CodeBuild build with Trivy.
 *
 * A `PolicyEvaluator` judges the results.
 *
 * Its pulls do not count in `lastRecordedPullTime`: it makes two of the 100 `PullTimeUpdateExclusion`s that
 * Amazon ECR allows in an account.
 */
export class ImageScanner extends Construct {
  /** The project that runs Trivy. */
  public readonly project: IProject;

  /**
   * The queue of scan requests that somebody waits for: pushes, deployments, people. A message in it requests
   * the scan of an image.
   */
  public readonly requests: IQueue;

  /**
   * The queue of the other scan requests: renewals, and old images of enrolled repositories. They leave a
   * share of the scans to the first queue.
   */
  public readonly backgroundRequests: IQueue;

  /** The queue of builds and images that the evaluator must judge. */
  public readonly results: IQueue;

  /** @internal */
  public readonly _results: WorkQueue;
  /** @internal */
  public readonly _expectedBuild: ExpectedBuild;
  /** @internal */
  public readonly _reconciler: Reconciler;
  /** Its alarms: pass each to `ImageAlerts.addAlarm()`, or add an action of your own. */
  public readonly alarms: Alarm[];
  /** Of the dispatcher. @internal */
  public readonly _logGroup: ILogGroup;
  /** What other accounts forward, if their repositories are enrolled. @internal */
  public readonly _forwardedPushes?: ForwardedPushes;
  /** Whether the vulnerability database is in a pull-through cache. @internal */
  public readonly _hasCachedDatabase: boolean;

  /** Which repositories are enrolled, as JSON. @internal */
  public readonly _enrolment: string;
  /** The same as the app has named them until now. @internal */
  public readonly _enrolmentNow: () => string;

  private readonly selectors: RepositorySelector[];
  private readonly admitted: RepositorySelector[] = [];
  private readonly scan: ScanProject;
  private readonly dispatcher: DispatchScanFunction;
  private readonly metrics: RequestedMetrics;
  private importers?: WorkQueue;

  constructor(scope: Construct, id: string, props: ImageScannerProps) {
    super(scope, id);
    checkProperties('ImageScannerProps', props, IMAGE_SCANNER);
    const { compute, timeout, concurrency, perRepository, concurrentBuilds } = checkedOptions(props);
    const queuedTimeout = Duration.seconds(Seconds.buildQueued);
    const network = inOneGroup(this, props.network);
    if (network !== undefined) warnOfWayToS3(this, network);
    const scannerImage = props.scannerImage ?? ScannerImage.trivy();
    const database = props.database ?? VulnerabilityDatabase.publicRegistries();
    const scan = new ScanProject(this, 'Project', {
      repositories: props.repositories,
      evidence: props.evidence,
      scannerImage,
      compute,
      timeout,
      queuedTimeout,
      concurrentBuilds,
      secretSearch: props.secretSearch ?? SecretSearch.APPLICATION,
      database,
      mirrors: props.registryMirrors ?? {},
      network,
    });
    this._hasCachedDatabase = database._cached.length > 0;
    this.selectors = props.repositories;
    this.metrics = props.register._metrics;
    this.scan = scan;
    this.project = scan.project;
    this._expectedBuild = scan.expectedBuild;

    const failures = Failures.of(props.register, this);
    // a rule for each other account: the policy of the shared queue has room for few
    const ofOthers = this._otherAccounts.length > 0 ? undefined : failures.deadLetters;
    const requests = new WorkQueue(this, 'Requests', { ...DISPATCHED, deadLetters: ofOthers });
    const { deadLetters } = requests;
    const background = new WorkQueue(this, 'Background', { ...DISPATCHED, deadLetters });
    this._results = new WorkQueue(this, 'Results', {
      deadLetters: failures.deadLetters,
      handledIn: Seconds.evaluateImage,
      maxConcurrency: 5,
      batchSize: 1,
    }); // one report at a time: it may need most of the memory
    this.requests = requests.queue;
    this.backgroundRequests = background.queue;
    this.results = this._results.queue;

    const dispatcher = new Construct(this, 'Dispatcher');
    const isProbed = props.deploymentProbe !== DeploymentProbe.NONE;
    const cached = [...scannerImage._cached, ...database._cached];
    const slots = {
      [EnvironmentName.concurrency]: Stack.of(this).toJsonString(concurrency),
      [EnvironmentName.concurrencyPerRepository]: Stack.of(this).toJsonString(perRepository),
    };
    const { evidence, register } = props;
    const probe = isProbed
      ? new ScannerProbe(this, 'Probe', { scan, evidence, register, slots, cached, network })
      : undefined;
    const enrolled = () => {
      const selected = this._enrolled().map(repository => repository._enrolment());
      return [...selected, ...(probe?.exception ?? []), ...exceptCached(cached, selected)];
    };
    this._enrolmentNow = () => checkedEnrolment(JSON.stringify(enrolled()));
    const enrolment = Lazy.string({ produce: this._enrolmentNow });
    const options = handlerOptions(dispatcher, network);
    this._logGroup = options.logGroup;
    const dispatch = new DispatchScanFunction(dispatcher, 'Resource', {
      ...options,
      description: 'Takes the scan lease of an image and starts its scan',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.dispatchScan),
      environment: {
        ...props.register._metrics.environment(),
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.uploads]: props.evidence.uploads.bucketName,
        [EnvironmentName.scanProject]: scan.project.projectName,
        [EnvironmentName.scanRequests]: requests.queue.queueUrl,
        [EnvironmentName.scanRequestsPoison]: deadLetters.queue.queueUrl,
        [EnvironmentName.backgroundRequests]: background.queue.queueUrl,
        [EnvironmentName.scanResults]: this.results.queueUrl,
        [EnvironmentName.repositories]: enrolment,
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
        [EnvironmentName.buildRevision]: scan.expectedBuild.revision,
        [EnvironmentName.leaseSeconds]: String(
          timeout.toSeconds() + queuedTimeout.toSeconds() + Seconds.leaseMargin,
        ),
        ...slots,
      },
    });
    this.dispatcher = dispatch;
    this._enrolment = enrolment;
    doNotCountPulls(options.role); // it reads manifests
    requests.consumedBy(dispatch);
    background.consumedBy(dispatch);
    this.results.grantSendMessages(dispatch);
    props.register._grantChange(options.role);
    for (const repository of props.repositories) repository._grant(this, dispatch, ['ecr:BatchGetImage']);
    this.grantTags(props.repositories, dispatch);
    Grant.addToPrincipal({
      grantee: dispatch,
      actions: ['codebuild:StartBuild'],
      resourceArns: [scan.project.projectArn],
    });

    const groups = byAccount(props.repositories);
    const own = groups.get(undefined);
    if (own !== undefined) this.onPush(own, requests);
    if (this._otherAccounts.length > 0) {
      this._forwardedPushes = new ForwardedPushes(this, 'Forwarded', { groups, target: requests });
    }
    this.onBuildEnd(scan.project);
    this._reconciler = new Reconciler(this, 'Reconciler', {
      register: props.register,
      policies: props.policies,
      requests: this.requests,
      backgroundRequests: this.backgroundRequests,
      results: this.results,
      repositories: props.repositories,
      enrolment,
      cached,
      network,
    });
    this.alarms = [
      ...new Set([
        deadLetters.alarm,
        this.lateAlarm(),
        aboveAlarm(
          this,
          'Load',
          this.metricScanLoad(),
          { threshold: SCAN_LOAD_LIMIT, periods: 1 },
          SCAN_LOAD,
        ),
        failures.errorAlarm(dispatch),
        ...this._reconciler.alarms,
      ]),
    ];
    warnOfIdleAlarms(this, () => this.alarms);
  }

  /**
   * Asks a signer, every hour, for the statements of images that passed and have none, because an event was
   * lost. Without it such an image is not trusted until it is scanned again.
   */
  public askSigner(signer: ImageSigner): void {
    this._reconciler.signInto(signer._answer());
  }

  /** The number of builds that were started. Published once this is called. Sum over 5 minutes by default. */
  public metricScansStarted(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.scansStarted, options);
  }

  /**
   * The age of the oldest request of a push or a deployment that waits, in seconds. Published once this is
   * called. Maximum over 15 minutes by default, in which every request that waits is looked at.
   */
  public metricOldestRequest(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.oldestRequest, { ...OLDEST, ...options });
  }

  /**
   * The age of the oldest renewal or old image that waits, in seconds. Published once this is called. Maximum
   * over 15 minutes by default, in which every request that waits is looked at.
   */
  public metricOldestBackgroundRequest(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.oldestBackgroundRequest, { ...OLDEST, ...options });
  }

  /**
   * The scans that a day needs to renew the images that pass, in percent of the scans that `concurrency`, or
   * what CodeBuild was found to run at once, allows renewals in a day. Sum over an hour by default: each
   * repository counts its share once an hour.
   */
  public metricScanLoad(options?: MetricOptions): Metric {
    const period = Duration.seconds(Seconds.reconcileEvery);
    return this.metrics.metric(MetricName.scanLoad, { period, ...options });
  }

  /** Whether pushes to this repository are scanned. Selectors by tag count as no. @internal */
  public _selects(repositoryName: string, otherAccount?: string): boolean {
    return this.selectors.some(selector => selector._selects(repositoryName, otherAccount));
  }

  /** The other accounts with enrolled repositories. @internal */
  public get _otherAccounts(): string[] {
    return [...byAccount(this.selectors).keys()].filter(account => account !== undefined);
  }

  /** Everything that is scanned: what is pushed, and what deployments ask for. @internal */
  public _enrolled(): RepositorySelector[] {
    return [...this.selectors, ...this.admitted];
  }

  /**
   * SQS's own age of the oldest message leaves out messages that were received three times or more. Whoever
   * waits is looked at about once in each period.
   */
  private lateAlarm(): Alarm {
    const late = [{ metric: this.metrics.metric(MetricName.scansLate, OLDEST) }];
    return risingAlarm(this, 'Late', OLDEST.period, () => late, LATE);
  }

  /**
   * The queue of requests of other apps. It has its own dead letters: a message that is not a request of a
   * gate must not be redriven into a queue where it would be one. Nobody waits longer for an answer than a
   * deployment does.
   *
   * @internal
   */
  public _importerRequests(): IQueue {
    if (this.importers === undefined) {
      const importers = new WorkQueue(this, 'Importers', {
        ...DISPATCHED,
        retentionPeriod: Duration.seconds(Seconds.deploymentRetention),
        alarmText: NOT_A_REQUEST,
      });
      importers.consumedBy(this.dispatcher);
      this.dispatcher.addEnvironment(EnvironmentName.importerRequests, importers.queue.queueUrl);
      this.dispatcher.addEnvironment(
        EnvironmentName.importerRequestsPoison,
        importers.deadLetters.queue.queueUrl,
      );
      this.alarms.push(importers.deadLetters.alarm);
      this.importers = importers;
    }
    return this.importers.queue;
  }

  /** Adds a repository whose images are scanned only if a deployment requests it. @internal */
  public _admit(repository: RepositorySelector): void {
    const resolved = (each: RepositorySelector) => JSON.stringify(Stack.of(this).resolve(each._enrolment()));
    if (this.admitted.some(each => resolved(each) === resolved(repository))) return;
    this.admitted.push(repository);
    repository._grant(this, this.dispatcher, ['ecr:BatchGetImage']);
    repository._grant(this, this.scan.role, ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']);
  }

  /**
   * The dispatcher receives every push and reads the tags of the repository, also of repositories that turn
   * out not to be selected.
   */
  private grantTags(repositories: RepositorySelector[], dispatch: IGrantable): void {
    if (!needsTags(repositories.map(repository => repository._enrolment()))) return;
    const anyRepository = Stack.of(this).formatArn({
      service: 'ecr',
      resource: 'repository',
      resourceName: '*',
    });
    Grant.addToPrincipal({
      grantee: dispatch,
      actions: ['ecr:ListTagsForResource'],
      resourceArns: [anyRepository],
    });
  }

  private onPush(repositories: RepositorySelector[], requests: WorkQueue): void {
    const { account, region } = Stack.of(this);
    new Rule(this, 'OnPush', {
      description: 'An enrolled repository has a new image: pushed, replicated or pulled through a cache',
      eventPattern: newImagePattern({ account, region }, repositories),
      targets: [requests.asTarget()],
    });
  }

  private onBuildEnd(project: IProject): void {
    const { account, region } = Stack.of(this);
    new Rule(this, 'OnBuildEnd', {
      description: 'A scan ended',
      eventPattern: {
        source: ['aws.codebuild'],
        detailType: ['CodeBuild Build State Change'],
        account: [account],
        region: [region],
        detail: {
          'project-name': [project.projectName],
          'build-status': ['SUCCEEDED', 'FAILED', 'STOPPED', 'FAULT', 'TIMED_OUT'],
        },
      },
      targets: [this._results.asTarget()],
    });
  }
}

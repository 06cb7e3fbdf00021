import { Aws, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Metric, type Alarm, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IProject } from 'aws-cdk-lib/aws-codebuild';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { checkedEnrolment, checkedOptions, namePatterns } from './checked-options';
import { DispatchScanFunction } from './dispatch-scan-function';
import { Reconciler } from './reconciler';
import type { ImageScannerProps } from './scan-options';
import { ScanProject } from './scan-project';
import { ScannerImage } from './scanner-image';
import { SecretSearch } from './secret-search';
import { VulnerabilityDatabase } from './vulnerability-database';
import { EnvironmentName, METRIC_NAMESPACE, MetricName } from '../core/environment';
import { needsTags } from '../core/image/enrolment';
import type { ExpectedBuild } from '../core/scanning/provenance';
import { Seconds } from '../core/times';
import { errorAlarm, handlerOptions } from '../queues/handler';
import { WorkQueue } from '../queues/work-queue';
import type { RepositorySelector } from '../repository/repository-selector';

/**
 * Scans every image that is pushed to the repositories selected: event, queue, dispatcher, CodeBuild with
 * Trivy, by digest.
 *
 * What a scan found is judged by a `PolicyEvaluator`.
 */
export class ImageScanner extends Construct {
  /** The project that runs Trivy. */
  public readonly project: IProject;

  /** Send a scan request here to have an image looked at. */
  public readonly requests: IQueue;

  /** Pointers to builds and images that the evaluator must look at. */
  public readonly results: IQueue;

  /** @internal */
  public readonly _results: WorkQueue;
  /** @internal */
  public readonly _expectedBuild: ExpectedBuild;
  /** @internal */
  public readonly _reconciler: Reconciler;
  /** @internal */
  public readonly _alarms: Alarm[];

  private readonly selectors: RepositorySelector[];
  private readonly admitted: RepositorySelector[] = [];
  private readonly scan: ScanProject;
  private readonly dispatcher: IGrantable;
  /** The dimension of its metrics. */
  private readonly service: string;

  constructor(scope: Construct, id: string, props: ImageScannerProps) {
    super(scope, id);
    const { compute, timeout, concurrency, perRepository } = checkedOptions(props);
    const queuedTimeout = Duration.seconds(Seconds.buildQueued);
    const network = props.network ?? {};
    const scan = new ScanProject(this, 'Project', {
      repositories: props.repositories,
      evidence: props.evidence,
      scannerImage: props.scannerImage ?? ScannerImage.trivy(),
      compute,
      timeout,
      queuedTimeout,
      concurrentBuilds: concurrency,
      secretSearch: props.secretSearch ?? SecretSearch.APPLICATION,
      database: props.database ?? VulnerabilityDatabase.publicRegistries(),
      mirrors: props.registryMirrors ?? {},
      network,
    });
    this.selectors = props.repositories;
    this.service = props.register._service;
    this.scan = scan;
    this.project = scan.project;
    this._expectedBuild = scan.expectedBuild;

    const dispatchTimeout = Duration.seconds(Seconds.dispatchScan);
    // a message that waits for CodeBuild comes back for hours: 1000 times at 1 to 15 minutes are longer than
    // it is kept
    const requests = new WorkQueue(this, 'Requests', {
      visibilityTimeout: dispatchTimeout.plus(Duration.minutes(1)),
      maxReceiveCount: 1000,
      maxConcurrency: 5,
    });
    this._results = new WorkQueue(this, 'Results', {
      visibilityTimeout: Duration.seconds(Seconds.evaluateImage).plus(Duration.minutes(1)),
      maxReceiveCount: 100,
      maxConcurrency: 10,
      batchSize: 1,
    }); // one report may need most of the memory
    this.requests = requests.queue;
    this.results = this._results.queue;

    const dispatcher = new Construct(this, 'Dispatcher');
    const enrolled = () =>
      [...props.repositories, ...this.admitted].map(repository => repository._enrolment());
    const enrolment = Lazy.string({ produce: () => checkedEnrolment(JSON.stringify(enrolled())) });
    const options = handlerOptions(dispatcher, network);
    const dispatch = new DispatchScanFunction(dispatcher, 'Resource', {
      ...options,
      description: 'Claims an image in the register and starts its scan',
      memorySize: 512,
      timeout: dispatchTimeout,
      environment: {
        POWERTOOLS_SERVICE_NAME: props.register._service,
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.scanProject]: scan.project.projectName,
        [EnvironmentName.scanRequests]: requests.queue.queueUrl,
        [EnvironmentName.scanRequestsPoison]: requests.deadLetterQueue.queueUrl,
        [EnvironmentName.scanResults]: this.results.queueUrl,
        [EnvironmentName.repositories]: enrolment,
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
        [EnvironmentName.buildRevision]: scan.expectedBuild.revision,
        [EnvironmentName.leaseSeconds]: String(
          timeout.toSeconds() + queuedTimeout.toSeconds() + Seconds.leaseMargin,
        ),
        [EnvironmentName.inFlightPerRepository]: String(perRepository),
      },
    });
    this.dispatcher = dispatch;
    requests.consumedBy(dispatch);
    requests.queue.grantSendMessages(dispatch);
    this.results.grantSendMessages(dispatch);
    props.register.grantWrite(options.role);
    for (const repository of props.repositories) repository._grant(this, dispatch, ['ecr:BatchGetImage']);
    this.grantTags(props.repositories, dispatch);
    Grant.addToPrincipal({
      grantee: dispatch,
      actions: ['codebuild:StartBuild'],
      resourceArns: [scan.project.projectArn],
    });

    this.onPush(props.repositories, requests);
    this.onBuildEnd(scan.project);
    this._reconciler = new Reconciler(this, 'Reconciler', {
      register: props.register,
      policies: props.policies,
      requests: this.requests,
      results: this.results,
      repositories: props.repositories,
      enrolment,
      network,
    });
    this._alarms = [
      requests.alarm,
      this._results.alarm,
      errorAlarm(dispatcher, dispatch),
      ...this._reconciler._alarms,
    ];
  }

  /** How many builds were started. */
  public metricScansStarted(options?: MetricOptions): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: MetricName.scansStarted,
      dimensionsMap: { service: this.service },
      statistic: 'Sum',
      period: Duration.minutes(5),
      ...options,
    });
  }

  /** Whether its pushes are scanned anyway, as far as its name tells. @internal */
  public _selects(repositoryName: string): boolean {
    return this.selectors.some(selector => selector._selects(repositoryName));
  }

  /** One repository more: its images are scanned where a deployment asks for one, and only then. @internal */
  public _admit(repository: RepositorySelector): void {
    const resolved = (each: RepositorySelector) => JSON.stringify(Stack.of(this).resolve(each._enrolment()));
    if (this.admitted.some(each => resolved(each) === resolved(repository))) return;
    this.admitted.push(repository);
    repository._grant(this, this.dispatcher, ['ecr:BatchGetImage']);
    repository._grant(this, this.scan.role, ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']);
  }

  /**
   * The dispatcher hears of every push and asks for the tags of its repository: also where they turn out not
   * to be the ones that are selected.
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
      description: 'An image was pushed to an enrolled repository',
      eventPattern: {
        source: ['aws.ecr'],
        detailType: ['ECR Image Action'],
        account: [account],
        region: [region],
        detail: {
          'action-type': ['PUSH'],
          result: ['SUCCESS'],
          'repository-name': namePatterns(repositories),
        },
      },
      targets: [new SqsQueue(requests.queue, { deadLetterQueue: requests.deadLetterQueue })],
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
      targets: [new SqsQueue(this._results.queue, { deadLetterQueue: this._results.deadLetterQueue })],
    });
  }
}

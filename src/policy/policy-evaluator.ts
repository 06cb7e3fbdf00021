import { Aws, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Metric, type Alarm, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { EvaluateImageFunction } from './evaluate-image-function';
import { ImagePolicy } from './image-policy';
import { PublishPolicyFunction } from './publish-policy-function';
import { EnvironmentName, METRIC_NAMESPACE, MetricName } from '../core/environment';
import type { TrustEvents } from '../events/trust-events';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import { anyAlarm } from '../queues/any-alarm';
import { errorAlarm, handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import type { ImageScanner } from '../scanning/image-scanner';
import type { PolicyStore } from '../trust/policy-store';
import type { TrustRegister } from '../trust/trust-register';

/**
 * Properties of a policy evaluator.
 */
export interface PolicyEvaluatorProps {
  /** Whose scans are judged. */
  readonly scanner: ImageScanner;

  /** Where verdicts are registered. */
  readonly register: TrustRegister;

  /** Where it stands which policy is in force. */
  readonly policies: PolicyStore;

  /** Where reports are read and verdicts are kept. */
  readonly evidence: EvidenceBucket;

  /** Where verdicts are announced. */
  readonly events: TrustEvents;

  /**
   * The rules. A change judges every image again, from its stored report.
   *
   * @default ImagePolicy.standard()
   */
  readonly policy?: ImagePolicy;

  /**
   * Network that the functions run in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/**
 * Turns what scans found into verdicts: asks CodeBuild what really ran, checks every hash, judges, and records, in this order: evidence, register, event.
 */
export class PolicyEvaluator extends Construct {
  /** @internal */
  public readonly _alarms: Alarm[];

  /** The dimension of its metrics. */
  private readonly service: string;

  constructor(scope: Construct, id: string, props: PolicyEvaluatorProps) {
    super(scope, id);
    this.service = props.register._service;
    const options = handlerOptions(this, props.network);
    const { queue, deadLetterQueue } = props.scanner._results;
    const evaluate = new EvaluateImageFunction(this, 'Resource', {
      ...options,
      description: 'Judges images by what their scans found',
      memorySize: 3008,
      timeout: Duration.minutes(5),
      environment: {
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.policies]: props.policies.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.eventBus]: props.events.eventBus.eventBusName,
        [EnvironmentName.scanRequests]: props.scanner.requests.queueUrl,
        [EnvironmentName.scanResults]: queue.queueUrl,
        [EnvironmentName.scanResultsPoison]: deadLetterQueue.queueUrl,
        [EnvironmentName.expectedBuild]: Stack.of(this).toJsonString(props.scanner._expectedBuild),
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
        POWERTOOLS_SERVICE_NAME: this.service,
      },
    });
    props.scanner._results.consumedBy(evaluate);
    queue.grantSendMessages(evaluate);
    props.scanner.requests.grantSendMessages(evaluate);
    props.register.grantWrite(options.role);
    props.policies.grantRead(options.role);
    props.evidence.grantEvaluate(options.role);
    props.events.grantPublish(options.role);
    Grant.addToPrincipal({ grantee: evaluate, actions: ['codebuild:BatchGetBuilds'], resourceArns: [props.scanner.project.projectArn] });

    this.publishPolicy(props, evaluate);
    this._alarms = [errorAlarm(this, evaluate), this.provenanceAlarm()];
  }

  /** How many verdicts were PASS. */
  public metricPass(options?: MetricOptions): Metric {
    return this.metric(MetricName.verdictPass, options);
  }

  /** How many verdicts were FAIL. */
  public metricFail(options?: MetricOptions): Metric {
    return this.metric(MetricName.verdictFail, options);
  }

  /** How many scans could not tell. */
  public metricScanFailed(options?: MetricOptions): Metric {
    return this.metric(MetricName.scanFailed, options);
  }

  /** How many builds were not believed. */
  public metricProvenanceFailure(options?: MetricOptions): Metric {
    return this.metric(MetricName.provenanceFailure, options);
  }

  private metric(metricName: string, options?: MetricOptions): Metric {
    return new Metric({ namespace: METRIC_NAMESPACE, metricName, dimensionsMap: { service: this.service }, statistic: 'Sum', period: Duration.minutes(5), ...options });
  }

  /** The document and its revision live with the evidence and the register, not in the function: both change without deploying code. */
  private publishPolicy(props: PolicyEvaluatorProps, evaluate: IFunction): void {
    const scope = new Construct(this, 'Policy');
    const options = handlerOptions(scope, props.network);
    const publisher: IRole = options.role;
    const publish = new PublishPolicyFunction(scope, 'Publisher', {
      ...options,
      description: 'Publishes the policy that images are judged by',
      memorySize: 256,
      timeout: Duration.minutes(2),
      environment: {
        POWERTOOLS_SERVICE_NAME: this.service,
        [EnvironmentName.policies]: props.policies.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.queue]: props.scanner._reconciler.queue.queueUrl,
      },
    });
    props.policies.grantPublish(publisher);
    props.evidence.grantPublishPolicy(publisher);
    props.scanner._reconciler.queue.grantSendMessages(publish);
    const framework = new Construct(scope, 'Framework');
    const { role: frameworkOnEventRole, logGroup } = handlerOptions(framework);
    const resource = new CustomResource(scope, 'Resource', {
      resourceType: 'Custom::TrustedImagesPolicy',
      serviceToken: new Provider(scope, 'Provider', { onEventHandler: publish, frameworkOnEventRole, logGroup }).serviceToken,
      properties: { Policy: (props.policy ?? ImagePolicy.standard())._render() },
    });
    resource.node.addDependency(props.evidence, props.policies, publish, evaluate); // who judges by a policy must know its rules first
  }

  private provenanceAlarm(): Alarm {
    const metric = this.metricProvenanceFailure({ period: Duration.minutes(1) });
    return anyAlarm(this, 'Provenance', metric, 'A build, or what it left, is not what was synthesised and asked for: somebody may be forging scans. The evaluator\'s log names the fields.');
  }
}

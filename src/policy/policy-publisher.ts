import { Aws, CustomResource, Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { IFunction, ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { followFiles } from './follow-files';
import { ImagePolicy } from './image-policy';
import { PublishPolicyFunction } from './publish-policy-function';
import type { RegoFolder } from './rego-source';
import { renderPolicies, type RepositoryPolicy } from './repository-policy';
import type { WaiverStore } from './waiver-store';
import { EnvironmentName, MetricName } from '../core/environment';
import { Limit } from '../core/limits';
import { Seconds } from '../core/times';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import { anyAlarm } from '../queues/any-alarm';
import { errorAlarm, handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { Runbook } from '../queues/runbook';
import type { ImageScanner } from '../scanning/image-scanner';
import type { PolicyStore } from '../trust/policy-store';
import type { TrustRegister } from '../trust/trust-register';

export interface PolicyPublisherProps {
  readonly scanner: ImageScanner;
  readonly register: TrustRegister;
  readonly policies: PolicyStore;
  readonly evidence: EvidenceBucket;
  readonly policy?: ImagePolicy;
  readonly repositoryPolicies?: RepositoryPolicy[];
  readonly waivers?: WaiverStore;
  readonly network?: NetworkOptions;
  readonly evaluate: IFunction;
  /** With the Rego engine, where a policy needs it. */
  readonly layers: ILayerVersion[];
}

/**
 * The id of the function that the CDK's framework of providers had here. The publisher has its logical id, so
 * that the service token of a deployed policy stays as it is: CloudFormation refuses another one (0050).
 */
const FORMER_FRAMEWORK = 'framework-onEvent';

/**
 * Activates policies. The document is kept in the evidence and its revision in the policy table, not in a
 * function: both change without a deployment of code.
 *
 * @internal
 */
export class PolicyPublisher extends Construct {
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: PolicyPublisherProps) {
    super(scope, id);
    const { policy = ImagePolicy.standard(), repositoryPolicies = [], waivers } = props;
    const folders = [policy, ...repositoryPolicies.map(each => each.policy)].flatMap(each => each._folders());
    const hasFolders = folders.length > 0;
    const options = handlerOptions(this, props.network);
    const publish = new PublishPolicyFunction(new Construct(this, 'Provider'), FORMER_FRAMEWORK, {
      ...options,
      description: 'Publishes the policy that images are judged by',
      layers: hasFolders ? props.layers : [],
      memorySize: hasFolders ? 1769 : 256,
      timeout: Duration.seconds(Seconds.publishPolicy),
      environment: {
        ...props.register._metrics.environment(),
        [EnvironmentName.policies]: props.policies.table.tableName,
        [EnvironmentName.evidence]: props.evidence.bucket.bucketName,
        [EnvironmentName.queue]: props.scanner._reconciler.queue.queueUrl,
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
      },
    });
    if (waivers?._text !== undefined) {
      for (const [name, value] of Object.entries(waivers._grantPut(options.role))) {
        publish.addEnvironment(name, value);
      }
    }
    props.policies.grantPublish(options.role);
    props.evidence.grantPublishPolicy(options.role);
    props.scanner._reconciler.queue.grantSendMessages(publish);
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::TrustedImagesPolicy',
      serviceToken: publish.functionArn,
      serviceTimeout: Duration.seconds(Seconds.publishPolicy),
      properties: checkedSize({
        Policy: renderPolicies(policy, repositoryPolicies),
        ...(waivers?._text !== undefined && { Waivers: waivers._text }),
      }),
    });
    if (waivers !== undefined) resource.node.addDependency(waivers);
    // the function that judges by a policy must know its rules first
    resource.node.addDependency(props.evidence, props.policies, publish, options.role, props.evaluate);
    this.alarms = hasFolders
      ? [errorAlarm(this, publish), this.follow(folders, publish, props.register._metrics)]
      : [];
  }

  /**
   * Reads files again that change without a deployment: on a schedule, and after each event of a bucket that
   * publishes to EventBridge.
   */
  private follow(folders: readonly RegoFolder[], publish: IFunction, metrics: RequestedMetrics): Alarm {
    for (const { bucket, prefix } of folders) {
      const ofPrefix = { StringLike: { 's3:prefix': `${prefix}*` } };
      Grant.addToPrincipal({
        grantee: publish,
        actions: ['s3:ListBucket'],
        resourceArns: [bucket.bucketArn],
        conditions: ofPrefix,
      });
      Grant.addToPrincipal({
        grantee: publish,
        actions: ['s3:GetObject'],
        resourceArns: [bucket.arnForObjects(`${prefix}*`)],
      });
      bucket.encryptionKey?.grantDecrypt(publish);
    }
    followFiles(
      this,
      publish,
      folders.map(({ bucket }) => bucket),
      folders.map(({ prefix }) => ({ prefix })),
    );
    const metric = metrics.metric(MetricName.policyRejected, { period: Duration.minutes(15) });
    const text =
      "Rego files of the policy changed and cannot be activated: the previous files still count. The log of the policy's publisher names file, row and column.";
    return anyAlarm(this, 'Rejected', metric, { text, section: Runbook.regoRejected });
  }
}

function checkedSize<T extends { readonly Policy: string; readonly Waivers?: string }>(properties: T): T {
  const bytes = (text = '') => Buffer.byteLength(JSON.stringify(text));
  const [policy, waivers] = [bytes(properties.Policy), bytes(properties.Waivers)];
  if (policy + waivers <= Limit.inlinePolicyBytes) return properties;
  throw new Error(
    `the policies have ${policy} bytes and the waivers ${waivers}, allowed: ${Limit.inlinePolicyBytes} together; put files into a bucket, which do not count: RegoSource.fromBucket() and WaiverSource.inBucket()`,
  );
}

import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { AlarmBase, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Topic, type ITopic, type ITopicSubscription } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { NotifyFunction } from './notify-function';
import { refusalsIgnoredAlarm } from './refusals-ignored';
import { AlertsSentKey } from '../core/alerts/sent-table';
import { EnvironmentName, MetricName } from '../core/environment';
import { Seconds } from '../core/times';
import type { TrustEvents } from '../events/trust-events';
import { errorAlarm, handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import { serviceMetric } from '../queues/service-metric';
import { WorkQueue } from '../queues/work-queue';
import type { TrustRegister } from '../trust/trust-register';

/**
 * The format of an alert.
 */
export enum AlertFormat {
  /** Plain text, for e-mail. */
  TEXT = 'TEXT',
  /**
   * A custom notification for Amazon Q Developer in chat applications (Slack, Microsoft Teams).
   *
   * @see https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
   */
  CHAT = 'CHAT',
}

/**
 * Properties of image alerts.
 */
export interface ImageAlertsProps {
  /** The event bus on which verdicts are published. */
  readonly events: TrustEvents;

  /** The register. An event that the register does not confirm causes no alert. */
  readonly register: TrustRegister;

  /**
   * The format of an alert.
   *
   * @default AlertFormat.TEXT
   */
  readonly format?: AlertFormat;

  /**
   * The topic that receives alerts and alarms. Your own topic, and its key, must allow CloudWatch to publish.
   *
   * @default - a new topic with a key of its own
   */
  readonly topic?: ITopic;

  /**
   * The network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/**
 * Notifies the team of what needs action: an image is refused, a refused image passes again, or a scan ended
 * without a verdict. One message per image and change.
 */
export class ImageAlerts extends Construct {
  /** The topic of alerts and alarms. */
  public readonly topic: ITopic;

  /** @internal */
  public readonly _format: AlertFormat;

  /** The dimension of its metrics. */
  private readonly service: string;

  constructor(scope: Construct, id: string, props: ImageAlertsProps) {
    super(scope, id);
    this.service = props.register._service;
    this._format = props.format ?? AlertFormat.TEXT;
    this.topic = props.topic ?? this.ownTopic();
    const sent = new TableV2(this, 'Sent', {
      partitionKey: { name: AlertsSentKey.partitionKey, type: AttributeType.STRING },
      timeToLiveAttribute: AlertsSentKey.expires,
      billing: Billing.onDemand(),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const timeout = Duration.seconds(Seconds.notify);
    // the event of an image waits here for the event of its index, and SQS counts each time it is received
    const work = new WorkQueue(this, 'Events', {
      visibilityTimeout: timeout.plus(Duration.seconds(30)),
      maxReceiveCount: 100,
      maxConcurrency: 2,
    });
    const target = work.asTarget();
    props.events.onImageVerdict('AlertVerdict', { target, detail: { changed: [true] } });
    props.events.onImageScanFailed('AlertScanFailed', { target });
    props.events.onWaiverExpiring('AlertWaiverExpiring', { target });
    props.events.onWaiversRejected('AlertWaiversRejected', { target });

    const notifier = new Construct(this, 'Notifier');
    const notify = new NotifyFunction(notifier, 'Resource', {
      ...handlerOptions(notifier, props.network),
      description: 'Sends alerts about images that are refused',
      memorySize: 512,
      timeout,
      environment: {
        POWERTOOLS_SERVICE_NAME: this.service,
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.topic]: this.topic.topicArn,
        [EnvironmentName.alertFormat]: this._format,
        [EnvironmentName.alertsSent]: sent.tableName,
        ...work.environment(),
      },
    });
    work.consumedBy(notify);
    props.register.grantRead(notify);
    Grant.addToPrincipal({ grantee: notify, actions: ['sns:Publish'], resourceArns: [this.topic.topicArn] });
    this.topic.masterKey?.grant(notify, 'kms:Decrypt', 'kms:GenerateDataKey');
    Grant.addToPrincipal({
      grantee: notify,
      actions: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      resourceArns: [sent.tableArn],
    });
    for (const alarm of [
      work.alarm,
      errorAlarm(notifier, notify),
      refusalsIgnoredAlarm(this, this.service),
    ]) {
      this.addAlarm(alarm);
    }
  }

  /** Adds a subscription to the alerts. */
  public addSubscription(subscription: ITopicSubscription): void {
    this.topic.addSubscription(subscription);
  }

  /** Sends an alarm to the same topic. Composite alarms are allowed. */
  public addAlarm(alarm: AlarmBase): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
  }

  /** The number of deployments that a `TrustedImage` refused. Sum over 5 minutes by default. */
  public metricDeploymentsRefused(options?: MetricOptions): Metric {
    return serviceMetric(this.service, MetricName.deploymentsRefused, options);
  }

  /**
   * The number of deployments that continued although the image is not trusted: their gate only audits, or
   * their stack was rolling back. Sum over 5 minutes by default.
   */
  public metricRefusalsIgnored(options?: MetricOptions): Metric {
    return serviceMetric(this.service, MetricName.refusalsIgnored, options);
  }

  /**
   * A topic with its own policy loses the default policy, which lets the alarms of the account publish. Its
   * id is not `Resource`: a subscription takes its id from it, beside the `Resource` of a function.
   */
  private ownTopic(): Topic {
    const topic = new Topic(this, 'Topic', {
      displayName: 'Container images',
      masterKey: this.topicKey(),
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }

  /** CloudWatch cannot use the AWS managed key of SNS, so the topic has its own key. */
  private topicKey(): IKey {
    const key = new Key(this, 'Key', {
      description: 'Encrypts alerts about container images',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'], // this key: a key's policy cannot name its own ARN
      }),
    );
    return key;
  }
}

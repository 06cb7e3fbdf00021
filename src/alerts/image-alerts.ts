import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Metric, type Alarm, type AlarmBase, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Grant, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Topic, type ITopic, type ITopicSubscription } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { NotifyFunction } from './notify-function';
import { AlertsSentKey } from '../core/alerts/sent-table';
import { EnvironmentName, METRIC_NAMESPACE, MetricName } from '../core/environment';
import { Seconds } from '../core/times';
import type { TrustEvents } from '../events/trust-events';
import { anyAlarm } from '../queues/any-alarm';
import { errorAlarm, handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import { WorkQueue } from '../queues/work-queue';
import type { TrustRegister } from '../trust/trust-register';

/**
 * How an alert is written.
 */
export enum AlertFormat {
  /** Plain lines, for e-mail. */
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
  /** Where verdicts are published. */
  readonly events: TrustEvents;

  /** What verdicts are compared with before somebody is woken. */
  readonly register: TrustRegister;

  /**
   * How an alert is written.
   *
   * @default AlertFormat.TEXT
   */
  readonly format?: AlertFormat;

  /**
   * Where alerts go. A topic of your own must let CloudWatch publish to it, with its key too.
   *
   * @default - a topic with a key of its own
   */
  readonly topic?: ITopic;

  /**
   * Network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/**
 * Tells people what they must act on: an image is refused, a refused image passes again, a scan could not
 * tell. One message per image and change.
 */
export class ImageAlerts extends Construct {
  /** Where alerts and alarms go. */
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
    // an image waits here for its index to say the same, and SQS counts each look
    const work = new WorkQueue(this, 'Events', {
      visibilityTimeout: timeout.plus(Duration.seconds(30)),
      maxReceiveCount: 100,
      maxConcurrency: 2,
    });
    const target = new SqsQueue(work.queue, { deadLetterQueue: work.deadLetterQueue });
    props.events.onImageVerdict('AlertVerdict', { target, detail: { changed: [true] } });
    props.events.onImageScanFailed('AlertScanFailed', { target });
    props.events.onWaiverExpiring('AlertWaiverExpiring', { target });
    props.events.onWaiversRejected('AlertWaiversRejected', { target });

    const notifier = new Construct(this, 'Notifier');
    const notify = new NotifyFunction(notifier, 'Resource', {
      ...handlerOptions(notifier, props.network),
      description: 'Tells people about images that are refused',
      memorySize: 512,
      timeout,
      environment: {
        POWERTOOLS_SERVICE_NAME: this.service,
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.topic]: this.topic.topicArn,
        [EnvironmentName.alertFormat]: this._format,
        [EnvironmentName.alertsSent]: sent.tableName,
        [EnvironmentName.queue]: work.queue.queueUrl,
        [EnvironmentName.deadLetterQueue]: work.deadLetterQueue.queueUrl,
      },
    });
    work.consumedBy(notify);
    work.queue.grantSendMessages(notify);
    props.register.grantRead(notify);
    Grant.addToPrincipal({ grantee: notify, actions: ['sns:Publish'], resourceArns: [this.topic.topicArn] });
    this.topic.masterKey?.grant(notify, 'kms:Decrypt', 'kms:GenerateDataKey');
    Grant.addToPrincipal({
      grantee: notify,
      actions: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      resourceArns: [sent.tableArn],
    });
    for (const alarm of [work.alarm, errorAlarm(notifier, notify), this.refusalsIgnored()]) {
      this.addAlarm(alarm);
    }
  }

  /** Somebody who gets the alerts. */
  public addSubscription(subscription: ITopicSubscription): void {
    this.topic.addSubscription(subscription);
  }

  /** An alarm that goes to the same people, a composite one too. */
  public addAlarm(alarm: AlarmBase): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
  }

  /** How many deployments a `TrustedImage` ended. */
  public metricDeploymentsRefused(options?: MetricOptions): Metric {
    return this.metric(MetricName.deploymentsRefused, options);
  }

  /**
   * How many deployments went on although the image is not trusted: their gate only watches, or their stack
   * was rolling back.
   */
  public metricRefusalsIgnored(options?: MetricOptions): Metric {
    return this.metric(MetricName.refusalsIgnored, options);
  }

  private metric(metricName: string, options?: MetricOptions): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { service: this.service },
      statistic: 'Sum',
      period: Duration.minutes(5),
      ...options,
    });
  }

  /** A gate that does not close must be heard of, also where its message does not arrive. */
  private refusalsIgnored(): Alarm {
    const metric = this.metricRefusalsIgnored({ period: Duration.minutes(1) });
    return anyAlarm(
      this,
      'RefusalsIgnored',
      metric,
      'A deployment went on with an image that is not trusted: its gate only watches, or its stack was rolling back. The message before this one, and the log of the gate, name the image and the reason.',
    );
  }

  /**
   * A topic with a policy of its own has lost the default one, by which the account's alarms may publish. Its
   * id is no `Resource`: subscriptions get their ids from it, beside the `Resource` of a function.
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

  /** CloudWatch cannot use the key that AWS keeps for SNS, so the topic has its own. */
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

import { Duration } from 'aws-cdk-lib';
import type { AlarmBase, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic, ITopicSubscription } from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import { AlertTopic } from './alert-topic';
import { mailInChat } from './no-mail-in-chat';
import { NotifyFunction } from './notify-function';
import {
  allowAlarms,
  grantSend,
  ownTopic,
  topicsDocument,
  topicsEnvironment,
  type BoundTopic,
} from './own-topic';
import { refusalsIgnoredAlarm } from './refusals-ignored';
import { grantRemember, sentTable } from './sent-table';
import { EnvironmentName, MetricName } from '../core/environment';
import { BrakeDetailType } from '../core/events/brake-events';
import { GrantDetailType } from '../core/events/grant-events';
import { DetailType } from '../core/events/image-events';
import { WaiverDetailType } from '../core/events/waiver-events';
import { Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { checkProperties, optional, required, type Properties } from '../properties/properties';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { WorkQueue } from '../queues/work-queue';
import { TrustRegister } from '../trust/trust-register';

/**
 * Properties of image alerts.
 */
export interface ImageAlertsProps {
  /** The event bus on which verdicts are published. */
  readonly events: TrustEvents;

  /** The register. An event that the register does not confirm causes no alert. */
  readonly register: TrustRegister;

  /**
   * The topics that receive alerts and alarms, at most 5: an alarm has no more actions. With an empty list
   * nobody is notified, and nothing is created.
   *
   * @default [AlertTopic.text()]
   */
  readonly topics?: AlertTopic[];

  /**
   * The network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/** @internal */
export const IMAGE_ALERTS: Properties<ImageAlertsProps> = {
  events: required(TrustEvents, 'a TrustEvents'),
  register: required(TrustRegister, 'a TrustRegister'),
  topics: optional([AlertTopic], 'a list of AlertTopic, for example [AlertTopic.text()]'),
  network: IN_NETWORK,
};

/** As many actions as an alarm of CloudWatch has. */
const TOPICS = 5;

/**
 * Notifies the team of what needs action: an image is refused, a refused image passes again, or a scan ended
 * without a verdict. One message per image and change, in each topic.
 *
 * A trust may have several: each notifies by itself.
 */
export class ImageAlerts extends Construct {
  /** The topics of alerts and alarms, in the order in which they were named. */
  public readonly topics: ITopic[];

  private readonly bound: BoundTopic[];
  private readonly heard = new Set<AlarmBase>();

  private readonly metrics: RequestedMetrics;

  constructor(scope: Construct, id: string, props: ImageAlertsProps) {
    super(scope, id);
    checkProperties('ImageAlertsProps', props, IMAGE_ALERTS);
    this.metrics = props.register._metrics;
    this.bound = this.bind(props.topics ?? [AlertTopic.text()]);
    this.topics = this.bound.map(({ topic }) => topic);
    if (this.topics.length > 0) this.notify(props);
    this.node.addValidation({ validate: () => mailInChat(this, this.bound) });
  }

  /** The first of its topics. Throws if it has none. */
  public get topic(): ITopic {
    const [first] = this.topics;
    if (first === undefined) {
      throw new Error(
        `${this.node.path} has no topic, because topics is an empty list, allowed: one or more, for example [AlertTopic.text()]`,
      );
    }
    return first;
  }

  /** Adds a subscription to the first topic. Throws if there is none. */
  public addSubscription(subscription: ITopicSubscription): void {
    this.topic.addSubscription(subscription);
  }

  /** Sends an alarm to each topic, once. Composite alarms are allowed. */
  public addAlarm(alarm: AlarmBase): void {
    if (this.heard.has(alarm)) return; // parts have alarms in common
    this.heard.add(alarm);
    for (const topic of this.topics) alarm.addAlarmAction(new SnsAction(topic));
  }

  /**
   * The number of deployments that a `TrustedImage` refused. Published once this is called, but not by gates
   * of another app that imports the trust. Sum over 5 minutes by default.
   */
  public metricDeploymentsRefused(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.deploymentsRefused, options);
  }

  /**
   * The number of deployments that continued although the image is not trusted: their gate only audits, or
   * their stack was rolling back. Sum over 5 minutes by default.
   */
  public metricRefusalsIgnored(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.refusalsIgnored, options);
  }

  /** Its new topics for text, which have a key of the trust. @internal */
  public get _own(): ITopic[] {
    return this.bound
      .filter(({ format, topic }) => format === 'TEXT' && topic.node.scope === this)
      .map(({ topic }) => topic);
  }

  /** All topics. @internal */
  public get _topics(): ITopic[] {
    return this.bound.map(({ topic }) => topic);
  }

  /** Its topics and their formats, for functions that send alerts. @internal */
  public get _document(): string {
    return topicsDocument(this, this.bound);
  }

  /** The environment of a function that sends alerts. @internal */
  public _environment(scope: IConstruct): Record<string, string> {
    return topicsEnvironment(scope, this.bound);
  }

  /** Allows a function to send alerts. @internal */
  public _grantSend(sender: IGrantable): void {
    grantSend(this.bound, sender);
  }

  private bind(topics: readonly AlertTopic[]): BoundTopic[] {
    if (topics.length > TOPICS) {
      throw new Error(
        `the alerts ${this.node.path} have ${topics.length} topics, allowed: ${TOPICS}, as many as an alarm has actions`,
      );
    }
    const bound = topics.map(each => {
      const { format, topic } = each._parts();
      if (topic !== undefined) {
        allowAlarms(topic);
        return { format, topic };
      }
      const id = format === 'TEXT' ? 'Topic' : 'ChatTopic';
      if (this.node.tryFindChild(id) !== undefined) {
        throw new Error(
          `the alerts ${this.node.path} have two new topics of one format, allowed: one new topic of each format; give the other one a topic of your own`,
        );
      }
      return { format, topic: ownTopic(this, id) };
    });
    const names = new Set(bound.map(({ format, topic }) => `${format} ${topic.topicArn}`));
    if (names.size < bound.length) {
      throw new Error(
        `the alerts ${this.node.path} name one topic twice in one format, allowed: each topic once in a format, because it would get each alert twice`,
      );
    }
    return bound;
  }

  private notify({ events, register, network }: ImageAlertsProps): void {
    const sent = sentTable(this);
    // the event of an image waits here for the event of its index, and SQS counts each time it is received
    const failures = Failures.of(register, this);
    const work = new WorkQueue(this, 'Events', {
      deadLetters: failures.deadLetters,
      handledIn: Seconds.notify,
    });
    const target = work.asTarget();
    events._onFor(this, 'AlertVerdict', [DetailType.verdict], { target, detail: { changed: [true] } });
    const others = [
      DetailType.scanFailed,
      WaiverDetailType.expiring,
      WaiverDetailType.rejected,
      // what is admitted without a PASS: by a grant, or by the brake
      ...Object.values(GrantDetailType),
      DetailType.held,
      BrakeDetailType.released,
    ];
    events._onFor(this, 'AlertOthers', others, { target });

    const notifier = new Construct(this, 'Notifier');
    const notify = new NotifyFunction(notifier, 'Resource', {
      ...handlerOptions(notifier, network),
      description: 'Sends alerts about images that are refused',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.notify),
      environment: {
        ...this.metrics.environment(),
        [EnvironmentName.register]: register.table.tableName,
        [EnvironmentName.alertsSent]: sent.tableName,
        ...this._environment(this),
        ...work.environment(),
      },
    });
    work.consumedBy(notify);
    register.grantRead(notify);
    this._grantSend(notify);
    grantRemember(sent, notify);
    for (const alarm of [
      work.deadLetters.alarm,
      failures.errorAlarm(notify),
      refusalsIgnoredAlarm(this, this.metrics),
    ]) {
      this.addAlarm(alarm);
    }
  }
}

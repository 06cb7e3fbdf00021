import { ArnFormat, Aws, Duration, Stack, type ArnComponents } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { WatchRunsFunction } from './watch-runs-function';
import { grantRemember, sentTable } from '../alerts/sent-table';
import { EnvironmentName, MetricName } from '../core/environment';
import { CALLS } from '../core/running/calls';
import { CALL_EVENT, TASK_EVENT } from '../core/running/read-sighting';
import { Seconds } from '../core/times';
import { AN_IMAGE_TRUST, IMAGE_TRUST, type IImageTrust } from '../gates/i-image-trust';
import { askingAccess, askingEnvironment } from '../gates/service-gate';
import { checkProperties, optional, required, TEXT, type Properties } from '../properties/properties';
import { anyAlarm } from '../queues/any-alarm';
import { checkEnvironmentSize } from '../queues/environment-size';
import { errorAlarm, handlerOptions } from '../queues/handler';
import { ofGates } from '../queues/one-security-group';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { Runbook } from '../queues/runbook';
import { WorkQueue } from '../queues/work-queue';

/**
 * Properties of a run watcher.
 */
export interface RunWatcherProps {
  /** The trust that it asks, of this app or imported. */
  readonly trust: IImageTrust;

  /**
   * External images that may run, each with its digest, for example
   * `public.ecr.aws/aws-observability/aws-otel-collector@sha256:…`. At most 20. Only the digest counts. The
   * constructor throws for an image without one, or of the registry that the trust judges.
   *
   * @default - images that the trust does not judge cause an alert
   */
  readonly allowedImages?: string[];
}

const RUN_WATCHER: Properties<RunWatcherProps> = {
  trust: required(IMAGE_TRUST, AN_IMAGE_TRUST),
  allowedImages: optional(
    [TEXT],
    'a list of images with their digests, <registry>/<repository>@sha256:<64 hex>',
  ),
};

/**
 * Tells the team within minutes what runs without trust in its account and region, whichever way it came: who
 * ran it, what, where, why it is not trusted, and how to fix that. It stops nothing. What a break-glass grant
 * covers is a message, and no alarm. It reads grants, and records no use of them.
 *
 * It hears tasks of Amazon ECS (`ECS Task State Change`), and the calls by which Amazon ECS, AWS Lambda, AWS
 * Batch, AWS App Runner, Amazon SageMaker and AWS CodeBuild get their images. The calls come from AWS
 * CloudTrail: **a trail must log the management events of this account and region**. Amazon EKS and Docker on
 * an instance make no such calls, and are not seen.
 *
 * Its role may read the definitions of tasks and jobs, and functions. `lambda:GetFunction`, which names the
 * image of a function, also gives a link to the code of functions that are no images.
 */
export class RunWatcher extends Construct {
  private readonly metrics: RequestedMetrics;

  constructor(scope: Construct, id: string, props: RunWatcherProps) {
    super(scope, id);
    checkProperties('RunWatcherProps', props, RUN_WATCHER);
    const access = askingAccess(this, props.trust);
    this.metrics = access.metrics;
    const work = new WorkQueue(this, 'Events', {
      handledIn: Seconds.watchRuns,
      maxConcurrency: 2,
    });
    const sent = sentTable(this);
    const options = handlerOptions(this, ofGates(this, access.network));
    const watch = new WatchRunsFunction(this, 'Resource', {
      ...options,
      description: 'Reports what runs without trust',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.watchRuns),
      environment: {
        ...askingEnvironment(this, props.trust, access, props.allowedImages ?? []),
        [EnvironmentName.urlSuffix]: Aws.URL_SUFFIX,
        ...work.environment(),
        [EnvironmentName.alertsSent]: sent.tableName,
      },
    });
    checkEnvironmentSize(watch);
    watch.node.addDependency(...access.waitsFor);
    work.consumedBy(watch);
    grantRemember(sent, watch);
    access.grantJudge(watch);
    access.grantAlert(watch);
    this.allowReads(options.role, props.trust);
    this.listen(work);
    const alarms = [work.deadLetters.alarm, errorAlarm(this, watch), this.alarm()];
    for (const alarm of alarms) access.addAlarm(alarm);
  }

  /** The number of runs without trust, and of unreadable events. Sum over 5 minutes by default. */
  public metricRunsWithoutTrust(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.runsWithoutTrust, options);
  }

  /** It reads only, and only what says which image runs. */
  private allowReads(role: Role, trust: IImageTrust): void {
    const stack = Stack.of(this);
    const arn = (parts: ArnComponents) => stack.formatArn(parts);
    // a trust may judge repositories of several accounts; the policy of each lets the watcher in, or does not
    const everyRepository = {
      service: 'ecr',
      resource: 'repository',
      resourceName: '*',
      account: '*',
      region: trust.env.region,
    };
    const everyFunction = {
      service: 'lambda',
      resource: 'function',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    };
    for (const statement of [
      { actions: ['lambda:GetFunction'], resources: [arn(everyFunction)] },
      { actions: ['ecr:DescribeImages'], resources: [arn(everyRepository)] },
      // neither can be limited to a resource
      { actions: ['batch:DescribeJobDefinitions', 'ecs:DescribeTaskDefinition'], resources: ['*'] },
    ]) {
      role.addToPolicy(new PolicyStatement(statement));
    }
  }

  private listen(work: WorkQueue): void {
    const { account, region } = Stack.of(this);
    const here = { account: [account], region: [region] };
    new Rule(this, 'Tasks', {
      description: 'Tasks of Amazon ECS that run, or ran',
      eventPattern: {
        ...here,
        source: ['aws.ecs'],
        detailType: [TASK_EVENT],
        detail: { lastStatus: ['RUNNING', 'STOPPED'] },
      },
      targets: [work.asTarget()],
    });
    for (const [service, calls] of Object.entries(CALLS)) {
      new Rule(this, `Calls-${service}`, {
        description: `Calls of ${service} that run images`,
        eventPattern: {
          ...here,
          source: [`aws.${service}`],
          detailType: [CALL_EVENT],
          detail: {
            eventSource: [`${service}.amazonaws.com`],
            eventName: Object.keys(calls),
            errorCode: [{ exists: false }],
          },
        },
        targets: [work.asTarget()],
      });
    }
  }

  private alarm(): Alarm {
    const metric = this.metricRunsWithoutTrust({ period: Duration.minutes(1) });
    const text = `Something runs without trust, or it is not known whether it does: an alert names who, what, where and why. If there is none, the log of ${this.node.path} says it.`;
    return anyAlarm(this, 'RunsWithoutTrust', metric, { text, section: Runbook.runWatcher });
  }
}

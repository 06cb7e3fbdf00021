import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Grant, type IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { cachedTags, type CachedRepository } from './cached-repository';
import { ReconcileFunction } from './reconcile-function';
import { EnvironmentName } from '../core/environment';
import { Seconds } from '../core/times';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import { Runbook, runbookUrl } from '../queues/runbook';
import { WorkQueue } from '../queues/work-queue';
import type { RepositorySelector } from '../repository/repository-selector';
import type { PolicyStore } from '../trust/policy-store';
import type { TrustRegister } from '../trust/trust-register';

/** Runs in a row. A verdict that is not renewed holds for two days more. */
const RUNS_MISSED = 3;

export interface ReconcilerProps {
  readonly register: TrustRegister;
  readonly policies: PolicyStore;
  readonly requests: IQueue;
  readonly backgroundRequests: IQueue;
  readonly results: IQueue;
  readonly repositories: RepositorySelector[];
  readonly enrolment: string;
  /** What it keeps up to date. */
  readonly cached: CachedRepository[];
  readonly network?: NetworkOptions;
}

/**
 * Goes off when nothing is heard: every other alarm needs something that happened. It watches a metric of
 * AWS Lambda itself, which costs nothing. Messages count too: they come of a run, of a new policy or of new
 * waivers, and are tried again where they fail, so silence begins with the last of them. A run that fails is
 * told by the alarm on errors.
 */
function silenceAlarm(scope: Construct, handler: IFunction): Alarm {
  const period = Duration.seconds(Seconds.reconcileEvery);
  return new Alarm(scope, 'Silence', {
    alarmDescription: `Reconcile did not run for ${RUNS_MISSED} hours: lost events are not found and no verdict is renewed, so images stop being trusted when their verdicts expire. Its rule may be disabled, or its function cannot run. To fix: ${runbookUrl(Runbook.silence)}`,
    metric: handler.metricInvocations({ period }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: RUNS_MISSED,
    treatMissingData: TreatMissingData.BREACHING,
  });
}

/**
 * Finds, every hour, the images whose events were lost. ECR and CodeBuild deliver events on a best-effort
 * basis.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ecr.html
 * @internal
 */
export class Reconciler extends Construct {
  public readonly queue: IQueue;
  private readonly handler: ReconcileFunction;
  private readonly role: IRole;
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: ReconcilerProps) {
    super(scope, id);
    const failures = Failures.of(props.register, this);
    const work = new WorkQueue(this, 'Repositories', {
      deadLetters: failures.deadLetters,
      handledIn: Seconds.reconcile,
      maxConcurrency: 2,
    });
    const options = handlerOptions(this, props.network);
    const handler = new ReconcileFunction(this, 'Resource', {
      ...options,
      description:
        'Finds images whose events were lost, verdicts that expire, and events that are not published',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.reconcile),
      environment: {
        ...props.register._metrics.environment(),
        [EnvironmentName.register]: props.register.table.tableName,
        [EnvironmentName.policies]: props.policies.table.tableName,
        [EnvironmentName.scanRequests]: props.requests.queueUrl,
        [EnvironmentName.backgroundRequests]: props.backgroundRequests.queueUrl,
        [EnvironmentName.scanResults]: props.results.queueUrl,
        [EnvironmentName.repositories]: props.enrolment,
        ...cachedTags(props.cached),
        ...work.environment(),
      },
    });
    work.consumedBy(handler);
    for (const queue of [props.requests, props.backgroundRequests, props.results]) {
      queue.grantSendMessages(handler);
    }
    props.register.grantRead(handler);
    props.policies.grantRead(handler);
    // the list of repositories and their tags can only be read with a right for all repositories
    const anyRepository = Stack.of(this).formatArn({
      service: 'ecr',
      resource: 'repository',
      resourceName: '*',
    });
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['ecr:DescribeRepositories', 'ecr:ListTagsForResource'],
      resourceArns: [anyRepository],
    });
    for (const repository of props.repositories) repository._grant(this, handler, ['ecr:DescribeImages']);
    for (const repository of props.cached) repository.grantRefresh(this, handler);
    new Rule(this, 'Hourly', {
      schedule: Schedule.rate(Duration.seconds(Seconds.reconcileEvery)),
      targets: [new LambdaFunction(handler)],
    });
    this.handler = handler;
    this.role = options.role;
    this.queue = work.queue;
    this.alarms = [work.deadLetters.alarm, failures.errorAlarm(handler), silenceAlarm(this, handler)];
  }

  /** Counts for the brake on revocations how many images passed, and finds what it holds no longer. */
  public countForBrake(register: TrustRegister, percent: string): void {
    this.handler.addEnvironment(EnvironmentName.revocationBrake, percent);
    register._grantPassed(this.role);
  }

  /** Sets the queue to which it sends requests for missing signatures. */
  public signInto(requests: IQueue): void {
    this.handler.addEnvironment(EnvironmentName.signRequests, requests.queueUrl);
    requests.grantSendMessages(this.handler);
  }
}

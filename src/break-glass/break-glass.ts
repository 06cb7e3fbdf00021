import { Duration, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { GrantBreakGlassFunction } from './grant-break-glass-function';
import { grantMessages, grantsTable } from './grants-store';
import { WatchGrantsFunction } from './watch-grants-function';
import { addCallUrl, grantCallUrl } from '../access/call-url';
import { grantFindTrust } from '../access/find-trust';
import { onlyRows } from '../access/only-rows';
import { grantToPeople } from '../access/to-people';
import { EnvironmentName, MetricName } from '../core/environment';
import { Seconds } from '../core/times';
import { grantKeysOf } from '../core/trust/grant';
import type { GrantAccounts } from '../core/trust/grant-request';
import { TrustEvents } from '../events/trust-events';
import { REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, required, type Properties } from '../properties/properties';
import { warnAtSynthesis } from '../properties/warn-at-synthesis';
import { anyAlarm } from '../queues/any-alarm';
import { Failures } from '../queues/failures';
import { handlerOptions } from '../queues/handler';
import { warnOfIdleAlarms } from '../queues/idle-alarms';
import { namedInPolicy } from '../queues/inline-role';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { Runbook } from '../queues/runbook';
import type { WorkQueue } from '../queues/work-queue';
import { ownPart } from '../trust/own-part';
import { TrustRegister } from '../trust/trust-register';

/**
 * Whether people can let an image run without trust in an emergency.
 */
export enum EmergencyAccess {
  /**
   * By break-glass grants: for one image and one scope up to 24 hours, or for every image up to 4 hours. Each
   * grant and each use causes an event and an alert. Nobody may grant until you name who may.
   */
  BREAK_GLASS = 'BREAK_GLASS',
  /** Not at all: only a deployment that changes the gates lets an image run without trust. */
  NONE = 'NONE',
}

/**
 * Properties of break-glass.
 */
export interface BreakGlassProps {
  /** The event bus on which grants and uses are published. */
  readonly events: TrustEvents;

  /** The register of the trust. Its name is the dimension of the metrics. */
  readonly register: TrustRegister;

  /**
   * What happens to the table of grants when it is removed from the stack.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The network that the functions run in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

/** @internal */
export const BREAK_GLASS: Properties<BreakGlassProps> = {
  events: required(TrustEvents, ownPart('a TrustEvents', 'events', 'BreakGlass')),
  register: required(TrustRegister, ownPart('a TrustRegister', 'register', 'BreakGlass')),
  removalPolicy: REMOVAL_POLICY,
  network: IN_NETWORK,
};

/**
 * Lets people admit what gates refuse, for a limited time: one image where one stack, one service of Amazon
 * ECS, the function of a PipelineGate, or one account runs it, or every image. A grant names a justification
 * and a ticket, ends by itself, and makes no image trusted.
 *
 * Grants are written only by one function. It is called by its URL, with IAM, so AWS says who calls. Throws
 * in a region where AWS Lambda has no function URLs.
 */
export class BreakGlass extends Construct {
  /**
   * The table of grants, which keeps each. Its partition key is the account and the image, its sort key the
   * id of the grant.
   */
  public readonly table: ITableV2;

  /**
   * The function that grants. Call it by `url`: AWS names the caller then. An invocation could name any
   * caller, so deny `lambda:InvokeFunction` on it to everybody, except by its URL.
   */
  public readonly handler: IFunction;

  /** The URL of the function that grants. It is reached by the public internet only, and IAM guards it. */
  public readonly url: string;

  /** Its alarms: pass each to `ImageAlerts.addAlarm()`, or add an action of your own. */
  public readonly alarms: Alarm[];

  private readonly own: TableV2;
  private readonly work: WorkQueue;
  private readonly metrics: RequestedMetrics;
  private readonly accounts: string[];
  private isAnyAccount = false;
  private mayAnybodyGrant = false;
  private trust?: IConstruct;

  constructor(scope: Construct, id: string, props: BreakGlassProps) {
    super(scope, id);
    checkProperties('BreakGlassProps', props, BREAK_GLASS);
    const { events, register, network } = props;
    this.metrics = register._metrics;
    this.accounts = [Stack.of(this).account];
    const granter = new Construct(this, 'Granter');
    const granting = handlerOptions(granter, network);
    namedInPolicy(granting.role);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    this.own = grantsTable(this, [granting.role], removalPolicy);
    this.table = this.own;
    register._grantsTables.push(this.table);
    const failures = Failures.of(register, this);
    this.work = grantMessages(this, register);
    const grant = new GrantBreakGlassFunction(granter, 'Resource', {
      ...granting,
      description: 'Lets an image run without trust for a limited time',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.grantBreakGlass),
      environment: {
        ...this.metrics.environment(),
        [EnvironmentName.grants]: this.table.tableName,
        [EnvironmentName.grantMessages]: this.work.queue.queueUrl,
        [EnvironmentName.grantAccounts]: Lazy.string({ produce: () => this.accountsText() }),
      },
    });
    this.handler = grant;
    this.url = addCallUrl(grant, 'set emergencyAccess of the ImageTrust to EmergencyAccess.NONE');
    Grant.addToPrincipal({
      grantee: grant,
      actions: ['dynamodb:PutItem', 'dynamodb:Query'],
      resourceArns: [this.table.tableArn],
    });
    this.work.queue.grantSendMessages(grant);

    const watcher = new Construct(this, 'Watcher');
    const watch = new WatchGrantsFunction(watcher, 'Resource', {
      ...handlerOptions(watcher, network),
      description: 'Publishes break-glass grants and their uses, and counts those that are active',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.watchGrants),
      environment: {
        ...this.metrics.environment(),
        [EnvironmentName.grants]: this.table.tableName,
        [EnvironmentName.eventBus]: events.eventBus.eventBusName,
        ...this.work.environment(),
      },
    });
    this.work.consumedBy(watch);
    events._grantPublishGrants(watch.role!);
    Grant.addToPrincipal({
      grantee: watch,
      actions: ['dynamodb:GetItem'],
      resourceArns: [this.table.tableArn],
    });
    const living = anyAlarm(
      this,
      'Living',
      this.metricGrantsLiving(),
      {
        text: 'A break-glass grant is active: an image, or every image, runs without trust. "cdk-trusted-images break-glass list" shows it, "break-glass end" ends it.',
        section: Runbook.breakGlass,
      },
      2,
    );
    this.alarms = [
      living,
      this.work.deadLetters.alarm,
      failures.errorAlarm(grant),
      failures.errorAlarm(watch),
    ];
    warnOfIdleAlarms(this, () => this.alarms);
    this.warn();
  }

  /** How often an active grant was seen: about once in 4 minutes each. Sum over 5 minutes by default. */
  public metricGrantsLiving(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.grantsLiving, options);
  }

  /**
   * Allows a principal of this account to grant and to end grants. Such a principal can let every image run
   * for hours. It is never allowed to invoke the function in another way than by its URL, because an
   * invocation could name any caller. It may also read the stack, in which the command line finds the URL.
   *
   * Throws for a principal of another account, for one without a policy of its own, and for a role of IAM
   * Identity Center: give these a `ManagedPolicy`.
   */
  public grantBreakGlass(grantee: IGrantable): Grant {
    this.mayAnybodyGrant = true;
    return grantToPeople('grantBreakGlass', this, grantee, () => grantCallUrl(this.handler, grantee));
  }

  /**
   * Allows a principal of this account to list grants. Throws as `grantBreakGlass()` does.
   */
  public grantRead(grantee: IGrantable): Grant {
    return grantToPeople('grantRead', this, grantee, () =>
      Grant.addToPrincipal({
        grantee,
        actions: ['dynamodb:Scan'],
        resourceArns: [this.table.tableArn],
      }).combine(grantFindTrust(this, grantee)),
    );
  }

  /** Told by the trust whose gates read these grants. @internal */
  public _isOf(trust: IConstruct): void {
    this.trust = trust;
  }

  /** The stack in which people find it. Undefined if only the deployment knows. @internal */
  public get _stackName(): string | undefined {
    const { stackName } = Stack.of(this);
    return Token.isUnresolved(stackName) ? undefined : stackName;
  }

  /** The queue that takes uses. @internal */
  public get _messages(): IQueue {
    return this.work.queue;
  }

  /** Allows a function to read the grants of its account, image by image. @internal */
  public _grantLook(handler: IGrantable, tableArn: string): void {
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['dynamodb:Query'],
      resourceArns: [tableArn],
      conditions: onlyRows(grantKeysOf(Stack.of(this).account), 'StringLike'),
    });
  }

  /** Lets gates of other accounts, or of any, do the same. @internal */
  public _allowImporters(
    accounts: readonly string[] | 'any',
    read: PolicyStatement,
    record: PolicyStatement,
  ): void {
    if (accounts === 'any') this.isAnyAccount = true;
    else this.accounts.push(...accounts);
    this.own.addToResourcePolicy(read);
    this.work.queue.addToResourcePolicy(record);
  }

  private warn(): void {
    const { path } = this.node;
    warnAtSynthesis(this, 'cdk-trusted-images:grantsOfNoTrust', () =>
      this.trust === undefined
        ? `no gate reads the break-glass grants of ${path}, because it is part of no trust: pass it as breakGlass to ImageTrust.fromParts(), or leave it out and take the one that an ImageTrust makes, trust.breakGlass`
        : undefined,
    );
    warnAtSynthesis(this, 'cdk-trusted-images:nobodyMayGrant', () =>
      this.trust === undefined || this.mayAnybodyGrant
        ? undefined
        : `in an emergency nobody may grant: name who may with grantBreakGlass(role) and grantRead(role) of ${path}, or set emergencyAccess of the ImageTrust to EmergencyAccess.NONE; if another app gives the right, acknowledge this: Annotations.of(trust).acknowledgeWarning(id)`,
    );
  }

  private accountsText(): string {
    const accounts: GrantAccounts = this.isAnyAccount ? 'any' : [...new Set(this.accounts)];
    return Stack.of(this).toJsonString(accounts);
  }
}
